import { answer } from '../answer.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import type { AddCommand } from '../run.ts'
import { coClaimNotes } from '../ui/notes.ts'
import { sessionJson, sessionTable } from '../ui/sessions.ts'

export const whoCommand: AddCommand = (program, io, done) =>
  program
    .command('who')
    .summary('show the sessions and what they hold')
    .description(
      'Show the sessions that are there or hold claims, the latest heard of first. One is stale after 300 s, and inactive once it has ended or was not heard of for a day.',
    )
    .option('--all', 'inactive ones too: they are kept for 30 days')
    .addHelpText('after', '\nExample: presence who')
    .action((_, command) => done(who(command.optsWithGlobals(), io)))

interface Options extends Globals {
  readonly all?: boolean
}

function who({ all = false, ...globals }: Options, io: Io) {
  return answer(globals, io, async board => {
    const { sessions, asOf, coClaims } = await board.who({ all })
    const me = board.session.id
    return {
      lines:
        sessions.length === 0 ? ['presence: no sessions'] : sessionTable(sessions, asOf, board.session, io),
      json: sessions.map(each => sessionJson(each, me)),
      notes: coClaimNotes(coClaims, asOf),
    }
  })
}
