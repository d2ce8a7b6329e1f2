import { labelOf, moment } from '@presence/core/internal'
import * as z from 'zod'
import { must } from '../refusals.ts'
import { asOf, claim, label, notes } from '../schemas.ts'
import { LOOKS, tool } from '../tool.ts'
import {
  claimLines,
  claimsData,
  coClaimNotes,
  endedNotes,
  holderLine,
  lapsedNotes,
  nearNotes,
} from '../words.ts'

export const peek = tool({
  name: 'peek',
  description: 'See who holds a label.',
  input: z.strictObject({ label }),
  output: z.object({ claims: z.array(claim), as_of: asOf, notes }),
  annotations: LOOKS,
  run: async ({ board }, args) => {
    const said = must(await board.peek(args.label))
    const { claims, lapsed, stolen, coClaims, overlaps, maybeSame, asOf } = said
    const view = { me: board.session, asOf }
    return {
      lines: [
        `${labelOf(args.label)} is ${claims.length === 0 ? 'held by nobody' : 'held'} at ${moment(asOf)}.`,
        ...claimLines(claims, view, holderLine),
      ],
      data: { claims: claimsData(claims, view), as_of: asOf.toISOString() },
      notes: [
        ...nearNotes(overlaps, maybeSame, view),
        ...endedNotes(stolen, asOf),
        ...lapsedNotes(lapsed, view),
        ...coClaimNotes(coClaims, view),
      ],
    }
  },
})
