import { type Claim, type Outcome, plain, type Refusal, type Session } from '@presence/core'
import { BadArguments } from './tool.ts'
import { claimLines, claimsData, coClaimNotes, holderLine } from './words.ts'

/** A refusal by what others hold. */
export type ByHolders = Extract<Refusal, { readonly holders: readonly Claim[] }>

/** Its labels and ids are quoted where they need it: so long that no quote loses its end, in characters. */
export const REASON_SHOWN_MAX = 1_000

/** What was asked for. @throws BadArguments for a refusal, with what to send */
export function must<T>(outcome: Outcome<T>): { readonly ok: true } & T {
  if (outcome.ok) return outcome
  const { message, remedy } = outcome.refusal
  throw new BadArguments(`${plain(message)}; ${plain(forAgents(remedy))}`)
}

/** What was asked for, or who is in the way. @throws BadArguments for any other refusal, with what to send */
export function unlessHeld<T>(
  outcome: Outcome<T>,
): ({ readonly ok: true } & T) | { readonly ok: false; readonly refusal: ByHolders } {
  if (!outcome.ok && 'holders' in outcome.refusal) return { ok: false, refusal: outcome.refusal }
  return must(outcome)
}

/** A claim that others are in the way of: who, and what to do. */
export function refusedHeld(refusal: ByHolders, me: Session) {
  const { message, holders, asOf, coClaims } = refusal
  const view = { me, asOf }
  return {
    lines: [
      `Not claimed: ${plain(message, REASON_SHOWN_MAX)}.`,
      ...claimLines(holders, view, holderLine),
      'Wait for it in turn (wait_seconds), work on something else, or ask its holder.',
    ],
    data: { claimed: false, others: claimsData(holders, view), as_of: asOf.toISOString() },
    notes: coClaimNotes(coClaims, view),
  }
}

/** Remedies name options and commands of the command line: here they are arguments. */
function forAgents(remedy: string): string {
  return remedy.replaceAll(/--([a-z]+)/g, '$1')
}
