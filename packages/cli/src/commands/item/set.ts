import { ITEM_STATUSES, itemJson, oneLine } from '@presence/core'
import { Option } from 'commander'
import { answer } from '../../answer.ts'
import type { AddCommand } from '../../command.ts'
import type { Globals } from '../../globals.ts'
import type { Io } from '../../io.ts'
import { wholeNumber } from '../../whole-number.ts'

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
    .summary('move an item, or say it anew')
    .description(
      'Move an item to another status, assign it, or change what it says. Of several who move it at once one does, and the others are told by whom. Exit 1 where it can not go there, 3 where the board gives no answer to a move or an assignment.',
    )
    .argument('<id>', 'which, as the list names it')
    .addOption(new Option('--status <status>', 'where it is now').choices(ITEM_STATUSES))
    .option('--mine', 'you are to do it')
    .addOption(new Option('--assign <session>', 'who is to do it').conflicts('mine'))
    .addOption(new Option('--unassign', 'nobody is to do it').conflicts(['mine', 'assign']))
    .option('--priority <number>', '0 to 100, the higher the sooner', wholeNumber(100, 0))
    .option('--title <text>', 'what is to be done, in a line')
    .option('--description <text>', 'more about it; "" for nothing')
    .option('--reopen', 'it had ended, and goes on')
    .addHelpText('after', '\nExample: presence item set write-migration --status in_progress --mine')
    .action((id: string, _, command) => done(set(id, command.optsWithGlobals(), io)))

function set(id: string, { mine = false, assign, unassign = false, ...options }: Options, io: Io) {
  const { status, title, description, priority, reopen = false, ...globals } = options
  // Who is assigned depends on the answer: without one, nobody should start work as if the item were theirs.
  const promises = status !== undefined || mine || assign !== undefined || unassign
  return answer(
    globals,
    io,
    async board => {
      const assignedTo = unassign ? null : mine ? board.session.id : assign
      const said = await board.items.set({
        id,
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
        json: itemJson(item),
      }
    },
    { promises },
  )
}
