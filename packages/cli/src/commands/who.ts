import { oneLine, shellWord } from '@presence/core/internal'
import { answer } from '../answer.ts'
import type { AddCommand } from '../command.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { coClaimNotes } from '../ui/notes.ts'
import { sessionJson, sessionTable } from '../ui/sessions.ts'
import { wholeNumber } from '../whole-number.ts'

export const whoCommand: AddCommand = (program, io, done) =>
  program
    .command('who')
    .summary('show the sessions and what they hold')
    .description(
      'Show the sessions that are active or hold claims, the most recently seen first. A session is stale if it was not seen for 300 s, and inactive once it has ended or was not seen for a day. With --all, --limit or --after they come in pages, in the order of their ids.',
    )
    .option('--all', 'also inactive sessions, which are kept for 30 days')
    .option('--limit <number>', 'how many to show, at most 500 (default: 50)', wholeNumber(500))
    .option('--after <session>', 'continue after this id, where the previous page ended')
    .addHelpText('after', '\nExample: presence who --all')
    .action((_, command) => done(who(command.optsWithGlobals(), io)))

interface Options extends Globals {
  readonly all?: boolean
  readonly limit?: number
  readonly after?: string
}

function who({ all = false, limit, after, ...globals }: Options, io: Io) {
  return answer(globals, io, async board => {
    const { sessions, next, asOf, coClaims } = await board.who({
      all,
      ...(limit === undefined ? {} : { limit }),
      ...(after === undefined ? {} : { after }),
    })
    const me = board.session.id
    return {
      lines:
        sessions.length === 0 ? ['presence: no sessions'] : sessionTable(sessions, asOf, board.session, io),
      json: sessions.map(each => sessionJson(each, me)),
      notes: [
        ...coClaimNotes(coClaims, asOf),
        ...(next === undefined ? [] : [`there is more: --after=${shellWord(oneLine(next))}`]),
      ],
    }
  })
}
