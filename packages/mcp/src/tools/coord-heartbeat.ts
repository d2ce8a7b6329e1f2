import { labelOf, plain } from '@presence/core/internal'
import * as z from 'zod'
import { asOf, notes } from '../schemas.ts'
import { SAYS, tool } from '../tool.ts'
import { coClaimNotes, endedNotes } from '../words.ts'

export const heartbeat = tool({
  name: 'coord_heartbeat',
  description: 'Keep this session and its claims alive. Any other call does too.',
  input: z.strictObject({}),
  output: z.object({ known: z.boolean(), holds: z.array(z.string()), as_of: asOf, notes }),
  annotations: SAYS,
  beats: true,
  run: async ({ board, me }) => {
    const { mine, lapsed, coClaims, asOf } = await board.heartbeat()
    // A session with claims is known. Otherwise ask the board.
    const known = mine.length > 0 || (await board.who({ of: me })).sessions.length > 0
    const holds = mine.map(({ label }) => label)
    return {
      lines: [
        known
          ? `Alive; holds ${holds.length === 0 ? 'nothing' : holds.map(labelOf).join(', ')}.`
          : 'This session is not registered and holds nothing: call coord_register_presence.',
      ],
      data: { known, holds: holds.map(each => plain(each)), as_of: asOf.toISOString() },
      notes: [...endedNotes(lapsed, asOf), ...coClaimNotes(coClaims, { me: board.session, asOf })],
    }
  },
})
