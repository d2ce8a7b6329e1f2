import type { Claim, CoClaim } from '@presence/core'
import { claimedText, keptTtlNotes, labelOf, refusalOfNew } from '@presence/core/internal'
import * as z from 'zod'
import { must, refusedHeld, unlessHeld } from '../refusals.ts'
import { asOf, claim as claimSchema, label, near, notes } from '../schemas.ts'
import { type Answer, type Call, SAYS, tool } from '../tool.ts'
import { tellTurn, WAIT_SECONDS_MAX, waitSeconds } from '../waiting.ts'
import {
  claimData,
  claimLines,
  claimsData,
  coClaimNotes,
  earlierNotes,
  endedNotes,
  holderLine,
  lapsedNotes,
  nearData,
  nearNotes,
} from '../words.ts'

const input = z.strictObject({
  label,
  purpose: z.string('send what you change and why').describe('what you change and why'),
  ttl: z
    .string('send a duration such as 30m')
    .optional()
    .describe('how long it lives without a heartbeat, default 15m'),
  exclusive: z.boolean('send true or false').optional().describe('no other session may hold it'),
  wait_seconds: waitSeconds.describe(`if held, seconds to wait in the wait queue, 0-${WAIT_SECONDS_MAX}`),
})
const output = z.object({
  claimed: z.boolean(),
  claim: claimSchema.optional(),
  token: z.int().optional(),
  others: z.array(claimSchema),
  ...near,
  as_of: asOf,
  notes,
})

type Given = z.output<typeof input>
type Said = Answer<z.input<typeof output>>

export const claim = tool({
  name: 'claim',
  description:
    'Claim shared infrastructure before changing it; tells who else holds it. Kinds: node, host, cluster, namespace, stack, service, db, pvc, infra.',
  input,
  output,
  annotations: SAYS,
  run: async (call, args) => {
    const blank = await refusalOfNew(call.board, [args.label])
    if (blank) must(blank)
    return args.exclusive ? claimExclusively(call, args) : share(call, args)
  },
})

async function share(call: Call, { label, ...given }: Given): Promise<Said> {
  const { board } = call
  const said = unlessHeld(await board.claim(label, options(call, given)))
  if (!said.ok) return refusedHeld(said.refusal, board.session, given.wait_seconds)
  const { claim, others, overlaps, maybeSame, coClaims, lapsed, ended, stolen, asOf } = said
  const view = { me: board.session, asOf }
  return {
    changed: true,
    claimed: claim.label,
    lines:
      others.length === 0
        ? [`Claimed ${labelOf(claim.label)} ${claimedText(claim, asOf)}; nobody else holds it.`]
        : [
            `Claimed ${labelOf(claim.label)} ${claimedText(claim, asOf)}; others hold it too. By convention the later claimant waits, and asks before continuing.`,
            ...claimLines(others, view, holderLine),
          ],
    data: {
      claimed: true,
      claim: claimData(claim, view),
      ...(claim.token === undefined ? {} : { token: claim.token }),
      others: claimsData(others, view),
      ...nearData(overlaps, maybeSame, view),
      as_of: asOf.toISOString(),
    },
    notes: [
      ...nearNotes(overlaps, alike(claim, maybeSame), view),
      ...keptTtlNotes(claim, given.ttl, asOf),
      ...earlierNotes(ended, asOf),
      ...endedNotes(stolen, asOf),
      ...lapsedNotes(lapsed, view),
      ...coClaimNotes(coClaims, view),
    ],
  }
}

/** Makes an exclusive claim. Without an answer it fails, and never falls back to a shared claim. */
async function claimExclusively(call: Call, { label, ...given }: Given): Promise<Said> {
  const { board } = call
  const said = unlessHeld(await board.claimExclusively(label, options(call, given)))
  if (!said.ok) return refusedHeld(said.refusal, board.session, given.wait_seconds)
  const { claim, others, overlaps, maybeSame, lapsed, ended, asOf } = said
  const view = { me: board.session, asOf }
  return {
    changed: true,
    claimed: claim.label,
    lines: [`Claimed ${labelOf(claim.label)} ${claimedText(claim, asOf)}.`],
    data: {
      claimed: true,
      claim: claimData(claim, view),
      token: claim.token,
      others: claimsData(others, view),
      ...nearData(overlaps, maybeSame, view),
      as_of: asOf.toISOString(),
    },
    notes: [
      ...nearNotes(overlaps, alike(claim, maybeSame), view),
      ...keptTtlNotes(claim, given.ttl, asOf),
      ...earlierNotes(ended, asOf),
      ...lapsedNotes(lapsed, view),
    ],
  }
}

/** The claims on labels that may be the same as a claim's. */
function alike({ label }: Claim, others: readonly Claim[]): readonly CoClaim[] {
  return others.length > 0 ? [{ label, others }] : []
}

function options(call: Call, { purpose, ttl, wait_seconds }: Omit<Given, 'label'>) {
  return {
    purpose,
    signal: call.signal,
    onWait: tellTurn(call),
    ...(ttl === undefined ? {} : { ttl }),
    ...(wait_seconds === undefined ? {} : { wait: wait_seconds }),
  }
}
