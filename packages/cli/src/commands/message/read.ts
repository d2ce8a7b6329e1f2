import type { Board, Refused } from '@presence/core'
import { type Answer, answer } from '../../answer.ts'
import type { AddCommand } from '../../command.ts'
import type { Globals } from '../../globals.ts'
import type { Io } from '../../io.ts'
import { wholeMessageIds } from '../../whole-session.ts'

const INBOX = 'presence message inbox --all'

interface Options extends Globals {
  readonly all?: boolean
}

export const readCommand: AddCommand = (message, io, done) =>
  message
    .command('read')
    .summary('mark messages as read')
    .description('Mark messages as read, for your session alone.')
    .argument('[id...]', 'their ids, as shown in the inbox')
    .option('--all', 'all messages')
    .addHelpText('after', '\nExample: presence message read --all')
    .action((ids: readonly string[], _, command) => done(read(ids, command.optsWithGlobals(), io)))

function read(ids: readonly string[], { all = false, ...globals }: Options, io: Io) {
  const ask = async (board: Board): Promise<Answer | Refused> => {
    if (all === ids.length > 0)
      return {
        ok: false,
        refusal: {
          code: 'invalid_id',
          message: 'name the messages that you have read, or --all',
          remedy: `look them up: ${INBOX}`,
        },
      }
    const whole = await wholeMessageIds(board, ids)
    if ('refusal' in whole) return whole
    const said = await board.messages.read(all ? 'all' : whole)
    if (!said.ok) return said
    return {
      lines: [`presence: marked ${said.read} message${said.read === 1 ? '' : 's'} as read`],
      json: { read: said.read },
    }
  }
  return answer(globals, io, ask, { lookUp: INBOX })
}
