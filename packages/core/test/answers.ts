import type { Outcome, Refusal } from '@presence/core'

/** The answer of a call that must succeed. Throws if the call was refused. */
export function accepted<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`refused: ${outcome.refusal.message}`)
  return outcome
}

/** The refusal of a call that must be refused. Throws if it was not. */
export function refused(outcome: Outcome<unknown>): Refusal {
  if (outcome.ok) throw new Error('not refused')
  return outcome.refusal
}

/** The ids of the sessions that hold these claims. */
export function holders(claims: readonly { readonly session: { readonly id: string } }[]): readonly string[] {
  return claims.map(({ session }) => session.id)
}
