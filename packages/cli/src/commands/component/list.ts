import { componentJson } from '@presence/core'
import { Option } from 'commander'
import { answer } from '../../answer.ts'
import type { AddCommand } from '../../command.ts'
import type { Globals } from '../../globals.ts'
import type { Io } from '../../io.ts'
import { projectHere } from '../../project.ts'
import { componentTable } from '../../ui/component.ts'
import { nextNote } from '../../ui/listing.ts'
import { wholeNumber } from '../../whole-number.ts'

interface Options extends Globals {
  readonly project?: string
  readonly everywhere?: boolean
  readonly limit?: number
  readonly after?: string
}

export const componentListCommand: AddCommand = (component, io, done) =>
  component
    .command('list')
    .summary('show the components and their states')
    .description('Show the components of the project and the state that each was last set to.')
    .option('--project <key>', 'the project (default: that of this folder)')
    .addOption(new Option('--everywhere', 'in all projects').conflicts('project'))
    .option('--limit <number>', 'how many to show, at most 500 (default: 50)', wholeNumber(500))
    .option('--after <cursor>', 'continue from this cursor, which the previous page printed')
    .addHelpText('after', '\nExample: presence component list --everywhere')
    .action((_, command) => done(list(command.optsWithGlobals(), io)))

function list({ project, everywhere = false, limit, after, ...globals }: Options, io: Io) {
  return answer(globals, io, async board => {
    const here = everywhere ? undefined : await projectHere(project, io)
    const said = await board.components.list({
      ...(here === undefined ? {} : { project: here }),
      ...(limit === undefined ? {} : { limit }),
      ...(after === undefined ? {} : { after }),
    })
    if (!said.ok) return said
    return {
      lines:
        said.rows.length === 0
          ? [`presence: no components${here === undefined ? '' : ` of ${here}`}`]
          : componentTable(said.rows, said.asOf, io),
      json: { components: said.rows.map(componentJson), next: said.next ?? null },
      notes: nextNote(said.next, '--after'),
    }
  })
}
