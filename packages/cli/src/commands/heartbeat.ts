import { counted, earlierText } from '@presence/core/internal'
import { answer } from '../answer.ts'
import type { AddCommand } from '../command.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'
import { claimsJson } from '../ui/json.ts'
import { endedLine, lapsedJson } from '../ui/lapsed.ts'
import { coClaimNotes } from '../ui/notes.ts'
import { wordingAt } from '../ui/wording.ts'

export const heartbeatCommand: AddCommand = (program, io, done) =>
  program
    .command('heartbeat')
    .summary('extend your claims')
    .description(
      'Extend each of your live claims to its own ttl, counted from now, and list the claims that had lapsed.',
    )
    .addHelpText('after', '\nExample: presence heartbeat')
    .action((_, command) => done(heartbeat(command.optsWithGlobals(), io)))

function heartbeat(globals: Globals, io: Io) {
  return answer(globals, io, async board => {
    const { mine, lapsed, coClaims, asOf } = await board.heartbeat()
    const view = { me: board.session.id, asOf }
    const count = mine.length === 0 ? 'no live claims to extend' : `extended ${counted(mine.length, 'claim')}`
    return {
      lines: [
        `presence: ${count}`,
        ...lapsed.map(each => `presence: ${endedLine(each, asOf)}`),
        ...mine.flatMap(claim =>
          claim.lapsedAt ? [`presence: ${earlierText(claim, claim.lapsedAt, wordingAt(asOf))}`] : [],
        ),
        ...coClaimNotes(coClaims, asOf).map(note => io.paint('yellow', `presence: ${note}`)),
      ],
      json: {
        extended: claimsJson(mine, view),
        lapsed: lapsed.map(({ claim, others }) => ({
          ...lapsedJson(claim, view),
          others: claimsJson(others, view),
        })),
        co_claims: coClaims.map(({ label, others }) => ({
          resource_label: label,
          others: claimsJson(others, view),
        })),
      },
    }
  })
}
