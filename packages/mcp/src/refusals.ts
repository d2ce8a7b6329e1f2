import type { Claim, FaultCode, Outcome, PresenceError, Refusal, Session } from '@presence/core'
import { ASK_FOR_TRUST, labelOf, plain } from '@presence/core/internal'
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
  const { code, message, remedy } = outcome.refusal
  const argument = ARGUMENTS[code]
  const what = argument === undefined ? plain(remedy) : `${argument}: ${plain(remedy)}`
  throw new BadArguments(`${plain(message)}; ${what}`)
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

/**
 * The answer to a claim that was refused because of other holders: who they are, and what to do.
 *
 * @param waited for how long the call has waited already, in seconds
 */
export function refusedHeld(refusal: ByHolders, me: Session, waited = 0) {
  const { label, message, holders, asOf, coClaims } = refusal
  const view = { me, asOf }
  const wait = waited === 0 ? 'Wait for it in turn (wait_seconds)' : `Wait longer than ${waited} s`
  return {
    lines: [
      `${notClaimed(label)}${plain(message, REASON_SHOWN_MAX)}.`,
      ...claimLines(holders, view, holderLine),
      holders.some(({ session }) => session.id === me.id)
        ? `Another process of this session may hold it. ${wait}, or work on something else.`
        : `${wait}, work on something else, or ask its holder.`,
    ],
    data: { claimed: false, others: claimsData(holders, view), as_of: asOf.toISOString() },
    notes: coClaimNotes(coClaims, view),
  }
}

/** The first words about a claim that is not on the board. */
export function notClaimed(label: unknown): string {
  return typeof label === 'string' ? `NOT claimed ${labelOf(label)}: ` : 'NOT claimed: '
}

/** The argument of the tools that a refused input came in, if its name doesn't say so already. */
const ARGUMENTS: Readonly<Record<Refusal['code'], string | undefined>> = {
  invalid_label: undefined,
  invalid_purpose: 'purpose',
  invalid_ttl: 'ttl',
  invalid_session: undefined,
  invalid_token: undefined,
  invalid_wait: 'wait_seconds',
  invalid_note: undefined,
  invalid_since: undefined,
  invalid_role: 'role',
  unknown_role: 'role',
  invalid_id: undefined,
  invalid_project: undefined,
  invalid_message: undefined,
  invalid_component: undefined,
  invalid_work: undefined,
  invalid_cursor: undefined,
  invalid_write_key: undefined,
  invalid_key: undefined,
  invalid_command: undefined,
  not_holder: undefined,
  held: undefined,
  not_held: undefined,
  not_found: undefined,
  id_taken: undefined,
  not_moved: undefined,
}

/** What to do about a fault, in the words of a tool. These tools run outside of their agent's sandbox. */
const FAULTS: Partial<Readonly<Record<FaultCode, (remedy: string) => string>>> = {
  untrusted: () => ASK_FOR_TRUST,
  sandboxed: remedy => remedy.replace(/^.*MCP tools.*?; or /, ''),
}

export function faultRemedy({ code, remedy }: PresenceError): string {
  return FAULTS[code]?.(remedy) ?? remedy
}
