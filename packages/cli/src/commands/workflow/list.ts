import { WORKFLOW_STATUSES, workflowJson } from '@presence/core'
import { Option } from 'commander'
import { answer } from '../../answer.ts'
import type { AddCommand } from '../../command.ts'
import type { Globals } from '../../globals.ts'
import type { Io } from '../../io.ts'
import { projectHere } from '../../project.ts'
import { nextNote } from '../../ui/listing.ts'
import { workflowTable } from '../../ui/work.ts'
import { wholeNumber } from '../../whole-number.ts'

interface Options extends Globals {
  readonly project?: string
  readonly everywhere?: boolean
  readonly all?: boolean
  readonly status?: readonly string[]
  readonly limit?: number
  readonly after?: string
}

export const workflowListCommand: AddCommand = (workflow, io, done) =>
  workflow
    .command('list')
    .summary('show the open workflows')
    .description('Show the workflows of the project that have not ended, the newest first.')
    .addOption(new Option('--all', 'also those that have ended').conflicts('status'))
    .addOption(new Option('--status <status...>', 'only with these statuses').choices(WORKFLOW_STATUSES))
    .option('--project <key>', 'the project (default: that of this folder)')
    .addOption(new Option('--everywhere', 'in all projects').conflicts('project'))
    .option('--limit <number>', 'how many to show, at most 500 (default: 50)', wholeNumber(500))
    .option('--after <cursor>', 'continue from this cursor, which the previous page printed')
    .addHelpText('after', '\nExample: presence workflow list --all')
    .action((_, command) => done(list(command.optsWithGlobals(), io)))

const GOING = ['planning', 'active', 'blocked']

function list(options: Options, io: Io) {
  const { project, everywhere = false, all = false, status = GOING, limit, after, ...globals } = options
  return answer(globals, io, async board => {
    const here = everywhere ? undefined : await projectHere(project, io)
    const said = await board.workflows.list({
      ...(here === undefined ? {} : { project: here }),
      ...(all ? {} : { statuses: status }),
      ...(limit === undefined ? {} : { limit }),
      ...(after === undefined ? {} : { after }),
    })
    if (!said.ok) return said
    return {
      lines:
        said.rows.length === 0
          ? [`presence: no workflows${here === undefined ? '' : ` of ${here}`}`]
          : workflowTable(said.rows, said.asOf, io),
      json: { workflows: said.rows.map(workflowJson), next: said.next ?? null },
      notes: nextNote(said.next, '--after'),
    }
  })
}
