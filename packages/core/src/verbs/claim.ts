import type { Deadline } from '../deadline.ts'
import type { Claim } from '../domain/claim.ts'
import { PresenceError } from '../domain/fault.ts'
import { type CoClaim, othersOn, standingOf } from '../domain/standing.ts'
import type { OwnClaim, Store } from '../store/port.ts'

/** My claim is on the board, and this is who else holds its label. */
export interface Claimed {
  /** The database's now of the answer. */
  readonly asOf: Date
  readonly claim: Claim
  readonly others: readonly Claim[]
  /** Where others hold my other labels. */
  readonly coClaims: readonly CoClaim[]
}

/**
 * Claims a label: write my row, then read who else is there, as two statements and in this order. Of two sessions that
 * do so at once at least one sees the other (G1); read first, or both in one transaction, and neither may.
 */
export async function claim(store: Store, own: OwnClaim, deadline: Deadline): Promise<Claimed> {
  await store.put(own, deadline)
  const snapshot = await store.read({ mine: true }, own.session.id, deadline)
  const { label, session } = own
  const mine = snapshot.claims.find(each => each.label === label && each.session.id === session.id)
  if (!mine)
    throw new PresenceError(
      'unexpected',
      `the claim on ${label} was released by another command of this session while it was made`,
      'claim it again',
    )
  return {
    asOf: snapshot.asOf,
    claim: mine,
    others: othersOn(snapshot, label, session.id),
    coClaims: standingOf(snapshot, session.id).coClaims.filter(coClaim => coClaim.label !== label),
  }
}
