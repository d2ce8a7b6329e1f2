import { type Deadline, monotonicMs } from '../deadline.ts'
import { type Claim, isExclusive, isLive } from '../domain/claim.ts'
import { PresenceError } from '../domain/fault.ts'
import type { Outcome } from '../domain/refusal.ts'
import { type CoClaim, type Lapsed, othersOn, standingOf, stolenFrom } from '../domain/standing.ts'
import type { OwnClaim, Store } from '../store/port.ts'
import { heldBy, isMine, lapsedOn, pauseOrGiveUp } from './acquire.ts'

/** My claim is on the board, and this is who else holds its label. */
export interface Claimed {
  /** The database's now of the answer. */
  readonly asOf: Date
  readonly claim: Claim
  readonly others: readonly Claim[]
  /** Where others hold my other labels. */
  readonly coClaims: readonly CoClaim[]
  /** Claims of others on it that expired without a release: what they were about may be half done. */
  readonly lapsed: readonly Claim[]
  /** How earlier claims of mine on it ended without my doing: they were stolen, say. Told once. */
  readonly ended: readonly Claim[]
  /** What was stolen from me on other labels, until I release it or claim it again. */
  readonly stolen: readonly Lapsed[]
  /** It was made just now, and is none that I held already. */
  readonly isNew: boolean
}

/** How often a shared claim that met an exclusive one withdraws and tries again: that one may be withdrawing too. */
const TRIES_BESIDE_EXCLUSIVE = 4
/** What this host's clock and the database's may differ by over one call, in milliseconds. */
const DRIFT_MS = 50

/**
 * Claims a label: write my row, then read who else is there, as two statements and in this order. Of two sessions that
 * do so at once at least one sees the other (G1); read first, or both in one transaction, and neither may.
 *
 * On a label that is held exclusively it is withdrawn and refused, unless it stood there before: then the exclusive claim
 * was made over it.
 */
export async function claim(store: Store, own: OwnClaim, deadline: Deadline): Promise<Outcome<Claimed>> {
  const { label, session } = own
  for (let besideExclusive = 1; ; ) {
    const from = monotonicMs()
    await store.put(own, deadline)
    const snapshot = await store.read({ held: label }, session.id, deadline)
    const all = snapshot.claims.filter(each => isMine(each, own))
    const mine = all.find(each => !isExclusive(each))
    // Another command of this session may have released it in between: what was asked for last is to hold it.
    if (!mine && !deadline.passed) continue
    if (!mine)
      throw new PresenceError(
        'busy',
        `${label} is released by this session again and again`,
        'claim it again',
      )
    const others = othersOn(snapshot, label, session.id)
    const exclusive = others.find(isExclusive)
    const age = snapshot.asOf.getTime() - mine.claimedAt.getTime()
    const isNew = age <= monotonicMs() - from + DRIFT_MS
    const alone = all.find(each => isExclusive(each) && isLive(each, snapshot.asOf))
    if (alone) await store.remove(session.id, label, deadline)
    else if (exclusive && isNew) await store.undo(session.id, label, deadline)
    if (exclusive && isNew) {
      if (besideExclusive++ >= TRIES_BESIDE_EXCLUSIVE) return heldBy(label, exclusive, snapshot.asOf)
      await pauseOrGiveUp(label, deadline)
      continue
    }
    const ended = snapshot.claims.filter(
      each => each.label === label && each.session.id === session.id && each.ended,
    )
    if (ended.length > 0) await store.history.forget(session.id, label, deadline)
    return {
      ok: true,
      asOf: snapshot.asOf,
      lapsed: lapsedOn(snapshot, label, session.id),
      ended,
      stolen: stolenFrom(snapshot, session.id).filter(each => each.claim.label !== label),
      isNew: isNew && !alone,
      // Whoever holds it alone holds it: a shared claim beside one's own exclusive one says nothing.
      claim: alone ?? mine,
      others,
      coClaims: standingOf(snapshot, session.id).coClaims.filter(coClaim => coClaim.label !== label),
    }
  }
}
