import { ITEM_STATUSES, workItemJson } from '@presence/core'
import { oneLine } from '@presence/core/internal'
import { Option } from 'commander'
import { answer } from '../../answer.ts'
import type { AddCommand } from '../../command.ts'
import type { Globals } from '../../globals.ts'
import type { Io } from '../../io.ts'
import { noProject, projectHere } from '../../project.ts'
import { wholeNumber } from '../../whole-number.ts'
import { wholeSession, wholeWorkId } from '../../whole-session.ts'

interface Options extends Globals {
  readonly project?: string
  readonly workflow?: string
  readonly description?: string
  readonly status?: string
  readonly priority?: number
  readonly assign?: string
  readonly id?: string
}

export const itemAddCommand: AddCommand = (item, io, done) =>
  item
    .command('add')
    .summary('add an item')
    .description('Add an item, with or without a workflow, and print its id.')
    .argument('<title>', 'what is to be done, in one line')
    .option('--workflow <id>', 'the workflow that it is a step of')
    .option('--description <text>', 'more about it, at most 4,000 characters')
    .addOption(new Option('--status <status>', 'its status (default: pending)').choices(ITEM_STATUSES))
    .option('--priority <number>', '0 to 100, higher is sooner (default: 50)', wholeNumber(100, 0))
    .option('--assign <session>', 'the session that should do it')
    .option('--project <key>', "the project (default: the workflow's, else that of this folder)")
    .option('--id <id>', 'its id; a second add with the same id changes nothing')
    .addHelpText(
      'after',
      '\nExample: presence item add "Write the migration" --project web-shop --priority 80',
    )
    .action((title: string, _, command) => done(add(title, command.optsWithGlobals(), io)))

function add(title: string, { project, assign, ...options }: Options, io: Io) {
  const { workflow, description, status, priority, id, ...globals } = options
  return answer(globals, io, async board => {
    const here = workflow === undefined ? await projectHere(project, io) : project
    if (here === undefined && workflow === undefined) return noProject()
    const step = workflow === undefined ? undefined : await wholeWorkId(board, 'workflows', workflow)
    if (typeof step === 'object') return step
    const said = await board.items.add({
      title,
      ...(here === undefined ? {} : { project: here }),
      ...(step === undefined ? {} : { workflow: step }),
      ...(description === undefined ? {} : { description }),
      ...(status === undefined ? {} : { status }),
      ...(priority === undefined ? {} : { priority }),
      ...(assign === undefined ? {} : { assignedTo: await wholeSession(board, assign) }),
      ...(id === undefined ? {} : { id }),
    })
    if (!said.ok) return said
    return {
      lines: [`presence: added ${oneLine(said.item.title)} (${said.item.status}): ${said.item.id}`],
      json: workItemJson(said.item),
    }
  })
}
