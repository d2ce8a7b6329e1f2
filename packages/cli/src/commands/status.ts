import { Option } from 'commander'
import { answer } from '../answer.ts'
import type { AddCommand } from '../command.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { projectHere } from '../project.ts'
import { coClaimNotes } from '../ui/notes.ts'
import { statusJson, statusLines } from '../ui/status.ts'

interface Options extends Globals {
  readonly project?: string
  readonly everywhere?: boolean
}

export const statusCommand: AddCommand = (program, io, done) =>
  program
    .command('status')
    .summary('show the board at a glance')
    .description(
      'Show the live claims, the components that changed last, the open workflows, and how many messages you have not read.',
    )
    .option('--project <key>', 'components and workflows of this project (default: that of this folder)')
    .addOption(new Option('--everywhere', 'in all projects').conflicts('project'))
    .addHelpText('after', '\nExample: presence status')
    .action((_, command) => done(status(command.optsWithGlobals(), io)))

function status({ project, everywhere = false, ...globals }: Options, io: Io) {
  return answer(globals, io, async board => {
    const here = everywhere ? undefined : await projectHere(project, io)
    const said = await board.status(here === undefined ? {} : { project: here })
    if (!said.ok) return said
    return {
      lines: statusLines(said, board.session, io),
      json: statusJson(said, board.session.id),
      notes: coClaimNotes(said.coClaims, said.asOf),
    }
  })
}
