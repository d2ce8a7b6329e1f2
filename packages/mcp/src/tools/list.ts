import { counted, LIVE_COUNTED_MAX, moment } from '@presence/core/internal'
import * as z from 'zod'
import { must } from '../refusals.ts'
import { asOf, claim, notes } from '../schemas.ts'
import { LOOKS, tool } from '../tool.ts'
import {
  claimLine,
  claimLines,
  claimsData,
  coClaimNotes,
  endedNotes,
  lapsedNotes,
  nearNotes,
} from '../words.ts'

/** How many of the latest claims are read. The first 30 of them are shown. */
const LATEST = 200

export const list = tool({
  name: 'list',
  description: 'List live claims: all, only yours (mine), or on one kind of label.',
  input: z.strictObject({
    mine: z.boolean('send true or false').optional(),
    kind: z.string('send a kind, such as node').optional(),
  }),
  output: z.object({ claims: z.array(claim), total: z.int(), as_of: asOf, notes }),
  annotations: LOOKS,
  run: async ({ board }, { mine = false, kind }) => {
    const said = must(
      await board.list({
        mine,
        ...(kind === undefined ? {} : { kind }),
        ...(mine ? {} : { latest: LATEST }),
      }),
    )
    const { claims, moreClaims = 0, lapsed, stolen, coClaims, overlaps, maybeSame, asOf } = said
    const view = { me: board.session, asOf }
    const shared = new Set(coClaims.map(({ label }) => label))
    const rank = (label: string) => Number(shared.has(label))
    const sorted = claims.toSorted((a, b) => rank(b.label) - rank(a.label))
    const total = claims.length + moreClaims
    const atLeast = moreClaims > 0 && total >= LIVE_COUNTED_MAX ? 'At least ' : ''
    return {
      lines: [
        `${total === 0 ? 'No live claims' : `${atLeast}${counted(total, 'live claim')}`} at ${moment(asOf)}.`,
        ...claimLines(sorted, view, claimLine, total),
      ],
      data: { claims: claimsData(sorted, view), total, as_of: asOf.toISOString() },
      notes: [
        ...nearNotes(overlaps, maybeSame, view),
        ...endedNotes(stolen, asOf),
        ...lapsedNotes(lapsed, view),
        ...coClaimNotes(coClaims, view),
      ],
    }
  },
})
