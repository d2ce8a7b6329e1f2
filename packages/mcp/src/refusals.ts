import type { Claim, Outcome, Refusal, Session } from '@presence/core'
import { plain } from '@presence/core/internal'
import { BadArguments } from './tool.ts'
import { claimLines, claimsData, coClaimNotes, holderLine } from './words.ts'

/** A refusal because of claims that others hold. */
export type ByHolders = Extract<Refusal, { readonly holders: readonly Claim[] }>

/**
 * The maximum length of a refusal's message, in characters. Long enough that no quoted label or id in it
 * loses its closing quote.
 */
export const REASON_SHOWN_MAX = 1_000

/** The result of a call. @throws BadArguments for a refusal, with what to send */
export function must<T>(outcome: Outcome<T>): { readonly ok: true } & T {
  if (outcome.ok) return outcome
  const { message, remedy } = outcome.refusal
  throw new BadArguments(`${plain(message)}; ${plain(forAgents(remedy))}`)
}

/**
 * The result of a call, or a refusal by holders.
 *
 * @throws BadArguments for any other refusal, with what to send
 */
export function unlessHeld<T>(
  outcome: Outcome<T>,
): ({ readonly ok: true } & T) | { readonly ok: false; readonly refusal: ByHolders } {
  if (!outcome.ok && 'holders' in outcome.refusal) return { ok: false, refusal: outcome.refusal }
  return must(outcome)
}

/** The answer to a claim that was refused because of other holders: who they are, and what to do. */
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

/** Remedies name options of the command line. For tools they are arguments, without the dashes. */
function forAgents(remedy: string): string {
  return remedy.replaceAll(/--([a-z]+)/g, '$1')
}
