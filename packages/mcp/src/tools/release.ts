import { all, neverExpires } from '@presence/core'
import { labelOf, plain } from '@presence/core/internal'
import * as z from 'zod'
import { REASON_SHOWN_MAX, unlessHeld } from '../refusals.ts'
import { claim, label, notes } from '../schemas.ts'
import { BadArguments, SAYS, tool } from '../tool.ts'
import { claimLines, claimsData, coClaimNotes, endedNotes, holderLine } from '../words.ts'

export const release = tool({
  name: 'release',
  description: 'Release your claim on a label, or all of yours, once done.',
  input: z.strictObject({
    label: label.optional(),
    all: z.boolean('send true, or a label').optional(),
  }),
  output: z.object({ released: z.array(z.string()), holders: z.array(claim), notes }),
  annotations: SAYS,
  run: async ({ board }, args) => {
    if ((args.label === undefined) === !args.all)
      throw new BadArguments('send either label, such as node:k8s-1, or all: true')
    const said = unlessHeld(await board.release(args.label ?? all))
    if (!said.ok) {
      const { message, holders, coClaims, asOf } = said.refusal
      const view = { me: board.session, asOf }
      return {
        lines: [
          `Not released: ${plain(message, REASON_SHOWN_MAX)}.`,
          ...claimLines(holders, view, holderLine),
          `Only the holder can release a claim: ask the holder to release it${holders.every(neverExpires) ? '' : ', or wait until it expires'}.`,
        ],
        data: { released: [], holders: claimsData(holders, view) },
        notes: coClaimNotes(coClaims, view),
      }
    }
    const released = said.released.map(({ label }) => label)
    return {
      changed: true,
      lines: [
        released.length === 0
          ? 'You had no claim to release.'
          : `Released ${released.map(labelOf).join(', ')}.`,
      ],
      data: { released: released.map(each => plain(each)), holders: [] },
      notes: [
        ...endedNotes(
          said.lapsed.map(claim => ({ claim })),
          said.asOf,
        ),
        ...coClaimNotes(said.coClaims, { me: board.session, asOf: said.asOf }),
      ],
    }
  },
})
