import { answer } from '../answer.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import type { AddCommand } from '../run.ts'
import { coClaimNotes } from '../ui/notes.ts'
import { replayNotes } from '../ui/replay.ts'

export const syncCommand: AddCommand = (program, io, done) =>
  program
    .command('sync')
    .summary('deliver what was queued')
    .description(
      'Deliver what was said while the board could not be reached, in order and with its own times.',
    )
    .addHelpText('after', '\nExample: presence sync')
    .action((_, command) => done(sync(command.optsWithGlobals(), io)))

function sync(globals: Globals, io: Io) {
  return answer(globals, io, async board => {
    const replayed = await board.sync()
    const said = await board.list({ mine: true })
    const lines = replayNotes(replayed)
    const { done, dropped, damaged, left } = replayed
    return {
      lines: lines.length === 0 ? ['presence: nothing was queued'] : lines.map(line => `presence: ${line}`),
      json: {
        delivered: done,
        dropped: dropped.map(({ label, sessionId, saidAt }) => ({
          resource_label: label,
          session_id: sessionId,
          said_at: saidAt,
        })),
        damaged,
        left,
      },
      // What others did meanwhile: found late, and told to both sides.
      notes: said.ok ? coClaimNotes(said.coClaims, said.asOf) : [],
    }
  })
}
