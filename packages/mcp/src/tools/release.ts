import { all, type Board, neverExpires, type Outcome, type Released } from '@presence/core'
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
  run: async ({ board, typed }, args) => {
    if ((args.label === undefined) === !args.all)
      throw new BadArguments('send either label, such as node:k8s-1, or all: true')
    const said = unlessHeld(await releaseEither(board, args.label ?? all, typed))
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

/** Releases the label, or if nothing is held there, the label as it was sent: an older claim may have no scope. */
async function releaseEither(board: Board, label: string | typeof all, typed: string | undefined) {
  const said = await board.release(label)
  if (typed === undefined || typed === label || isDone(said)) return said
  const second = await board.release(typed)
  return isDone(second) ? second : said
}

function isDone(said: Outcome<Released>): boolean {
  return said.ok ? said.released.length + said.lapsed.length > 0 : said.refusal.code !== 'not_holder'
}
