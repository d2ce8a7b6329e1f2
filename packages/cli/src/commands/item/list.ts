import { ITEM_STATUSES, workItemJson } from '@presence/core'
import { oneLine } from '@presence/core/internal'
import { Option } from 'commander'
import { answer } from '../../answer.ts'
import type { AddCommand } from '../../command.ts'
import type { Globals } from '../../globals.ts'
import type { Io } from '../../io.ts'
import { projectHere } from '../../project.ts'
import { nextNote } from '../../ui/listing.ts'
import { itemTable } from '../../ui/work.ts'
import { wholeNumber } from '../../whole-number.ts'
import { wholeWorkId } from '../../whole-session.ts'

interface Options extends Globals {
  readonly project?: string
  readonly everywhere?: boolean
  readonly all?: boolean
  readonly mine?: boolean
  readonly workflow?: string
  readonly status?: readonly string[]
  readonly limit?: number
  readonly after?: string
}

export const itemListCommand: AddCommand = (item, io, done) =>
  item
    .command('list')
    .summary('show the items')
    .description('Show the items of the project that have not ended, by priority, then by age.')
    .option('--workflow <id>', 'only the steps of this workflow')
    .option('--mine', 'only those assigned to you')
    .addOption(new Option('--all', 'also those that have ended').conflicts('status'))
    .addOption(new Option('--status <status...>', 'only with these statuses').choices(ITEM_STATUSES))
    .option('--project <key>', 'the project (default: that of this folder)')
    .addOption(new Option('--everywhere', 'in all projects').conflicts('project'))
    .option('--limit <number>', 'how many to show, at most 500 (default: 50)', wholeNumber(500))
    .option('--after <cursor>', 'continue from this cursor, which the previous page printed')
    .addHelpText('after', '\nExample: presence item list --mine')
    .action((_, command) => done(list(command.optsWithGlobals(), io)))

const GOING = ['pending', 'in_progress', 'blocked']

function list({ project, everywhere = false, all = false, mine = false, ...options }: Options, io: Io) {
  const { workflow, status = GOING, limit, after, ...globals } = options
  return answer(globals, io, async board => {
    // A workflow belongs to one project, so it needs no project filter.
    const here = everywhere || workflow !== undefined ? project : await projectHere(project, io)
    const step = workflow === undefined ? undefined : await wholeWorkId(board, 'workflows', workflow)
    if (typeof step === 'object') return step
    const said = await board.items.list({
      ...(here === undefined ? {} : { project: here }),
      ...(step === undefined ? {} : { workflow: step }),
      ...(mine ? { assignedTo: board.session.id } : {}),
      ...(all ? {} : { statuses: status }),
      ...(limit === undefined ? {} : { limit }),
      ...(after === undefined ? {} : { after }),
    })
    if (!said.ok) return said
    const whose = step === undefined ? here : `the workflow ${oneLine(step)}`
    const of = whose === undefined ? '' : ` of ${whose}`
    return {
      lines:
        said.rows.length === 0
          ? [`presence: no items${of}`]
          : [...(of === '' ? [] : [io.paint('bold', `Items${of}`)]), ...itemTable(said.rows, io)],
      json: { items: said.rows.map(workItemJson), next: said.next ?? null },
      notes: nextNote(said.next, '--after'),
    }
  })
}
