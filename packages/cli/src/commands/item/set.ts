import { ITEM_STATUSES, workItemJson } from '@presence/core'
import { oneLine } from '@presence/core/internal'
import { Option } from 'commander'
import { answer } from '../../answer.ts'
import type { AddCommand } from '../../command.ts'
import type { Globals } from '../../globals.ts'
import type { Io } from '../../io.ts'
import { wholeNumber } from '../../whole-number.ts'
import { wholeSession, wholeWorkId } from '../../whole-session.ts'

interface Options extends Globals {
  readonly status?: string
  readonly title?: string
  readonly description?: string
  readonly priority?: number
  readonly mine?: boolean
  readonly assign?: string
  readonly unassign?: boolean
  readonly reopen?: boolean
}

export const itemSetCommand: AddCommand = (item, io, done) =>
  item
    .command('set')
    .summary('move or change an item')
    .description(
      'Move an item to another status, assign it, or change its text. If several sessions move it at once, one succeeds, and the others are told which one. Exit status 1 if the move is not possible, 3 if the board does not answer a move or an assignment.',
    )
    .argument('<id>', 'its id, as shown in the list')
    .addOption(new Option('--status <status>', 'its new status').choices(ITEM_STATUSES))
    .option('--mine', 'assign it to you')
    .addOption(new Option('--assign <session>', 'the session that should do it').conflicts('mine'))
    .addOption(new Option('--unassign', 'assign it to nobody').conflicts(['mine', 'assign']))
    .option('--priority <number>', '0 to 100, higher is sooner', wholeNumber(100, 0))
    .option('--title <text>', 'what is to be done, in one line')
    .option('--description <text>', 'more about it; "" removes it')
    .option('--reopen', 'reopen it if it has ended')
    .addHelpText('after', '\nExample: presence item set write-migration --status in_progress --mine')
    .action((id: string, _, command) => done(set(id, command.optsWithGlobals(), io)))

function set(id: string, { mine = false, assign, unassign = false, ...options }: Options, io: Io) {
  const { status, title, description, priority, reopen = false, ...globals } = options
  // Only the board's answer says who is assigned. Without it, nobody should start work as if the item were
  // theirs.
  const promises = status !== undefined || mine || assign !== undefined || unassign
  return answer(
    globals,
    io,
    async board => {
      const whole = await wholeWorkId(board, 'items', id)
      if (typeof whole === 'object') return whole
      const other = assign === undefined ? undefined : await wholeSession(board, assign)
      const assignedTo = unassign ? null : mine ? board.session.id : other
      const said = await board.items.set({
        id: whole,
        reopen,
        ...(status === undefined ? {} : { status }),
        ...(title === undefined ? {} : { title }),
        ...(description === undefined ? {} : { description }),
        ...(priority === undefined ? {} : { priority }),
        ...(assignedTo === undefined ? {} : { assignedTo }),
      })
      if (!said.ok) return said
      const { item } = said
      const whose = item.assignedTo === undefined ? '' : `, assigned to ${oneLine(item.assignedTo)}`
      return {
        lines: [`presence: ${oneLine(item.title)} is ${item.status}${whose}: ${item.id}`],
        json: workItemJson(item),
      }
    },
    { promises, lookUp: 'presence item list --all' },
  )
}
