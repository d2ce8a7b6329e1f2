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
  const { label, session } = own
  for (;;) {
    await store.put(own, deadline)
    const snapshot = await store.read({ mine: true }, session.id, deadline)
    const mine = snapshot.claims.find(each => each.label === label && each.session.id === session.id)
    // Another command of this session may have released it in between: what was asked for last is to hold it.
    if (!mine && !deadline.passed) continue
    if (!mine)
      throw new PresenceError(
        'busy',
        `${label} is released by this session again and again`,
        'claim it again',
      )
    return {
      asOf: snapshot.asOf,
      claim: mine,
      others: othersOn(snapshot, label, session.id),
      coClaims: standingOf(snapshot, session.id).coClaims.filter(coClaim => coClaim.label !== label),
    }
  }
}
