import { Deadline, monotonicMs } from '../deadline.ts'
import { type Claim, isExclusive, isLive, type Snapshot } from '../domain/claim.ts'
import { PresenceError } from '../domain/fault.ts'
import type { Outcome, Refused } from '../domain/refusal.ts'
import { type CoClaim, type Lapsed, othersOn, standingOf, stolenFrom } from '../domain/standing.ts'
import { newWriteKey } from '../domain/write-key.ts'
import type { OwnClaim, Store } from '../store/port.ts'
import { heldBy, isMine, lapsedOn, pauseForTentative, WITHDRAW_MS } from './acquire.ts'

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

/** What this host's clock and the database's may differ by over one call, in milliseconds. */
const DRIFT_MS = 50

/**
 * Claims a label: write my row, then read who else is there, as two statements and in this order. Of two sessions that
 * do so at once at least one sees the other (G1); read first, or both in one transaction, and neither may.
 *
 * Processes of one session share the row. Each write has a key of its own, and a claim that is refused takes back that write
 * only: what another process of the session was told stays true.
 */
export async function claim(
  store: Store,
  own: OwnClaim,
  deadline: Deadline,
  writeKey = newWriteKey(),
): Promise<Outcome<Claimed>> {
  const from = monotonicMs()
  try {
    for (;;) {
      await store.put(own, writeKey, deadline)
      const snapshot = await store.read({ held: own.label }, own.session.id, deadline)
      const judged = await judge(store, own, writeKey, snapshot, deadline)
      if (!judged) continue
      return 'stands' in judged ? await answerOf(store, own, snapshot, judged.stands, from, deadline) : judged
    }
  } catch (error) {
    if (error instanceof PresenceError && error.code === 'busy') await undoQuickly(store, own, writeKey)
    throw error
  }
}

/**
 * May the claim that was just written stand beside the exclusive one, if there is one? Undefined where that is about to change:
 * write and read again.
 */
async function judge(
  store: Store,
  own: OwnClaim,
  writeKey: string,
  { claims, asOf }: Snapshot,
  deadline: Deadline,
): Promise<Refused | { readonly stands: Claim } | undefined> {
  const { label, session } = own
  const mine = claims.find(each => isMine(each, own) && !isExclusive(each))
  if (!mine) {
    // Another process of this session released it in between: what was asked for last is to hold it.
    if (!deadline.passed) return undefined
    throw new PresenceError('busy', `${label} is released by this session again and again`, 'claim it again')
  }
  const exclusive = claims.find(
    each => each.label === label && isExclusive(each) && !each.ended && isLive(each, asOf),
  )
  if (!exclusive || !isExclusive(exclusive)) return { stands: mine }
  if (exclusive.session.id === session.id) {
    // An exclusive claim of this session says more than a shared one. Extended, no lost answer takes it back any more.
    const isOurs = await store.locks.extend(session.id, { label, token: exclusive.token }, deadline)
    if (isOurs > 0) return { stands: exclusive }
  }
  const lock = await store.locks.read(label, undefined, deadline)
  if (!lock?.claim || !isLive(lock.claim, lock.asOf)) return undefined
  if (lock.tentative) {
    await pauseForTentative(store, label, lock, deadline)
    return undefined
  }
  if (lock.claim.session.id === session.id) return undefined
  // What stood before an exclusive claim that was made over it stands on.
  if (lock.overShared && mine.claimedAt <= lock.claim.claimedAt) return { stands: mine }
  await store.undo(session.id, label, writeKey, deadline)
  return heldBy(label, lock.claim, lock.asOf)
}

async function answerOf(
  store: Store,
  { label, session }: OwnClaim,
  snapshot: Snapshot,
  stands: Claim,
  from: number,
  deadline: Deadline,
): Promise<Outcome<Claimed>> {
  const { claims, asOf } = snapshot
  const ended = claims.filter(each => each.label === label && each.session.id === session.id && each.ended)
  if (ended.length > 0) await store.history.forget(session.id, label, deadline)
  const age = asOf.getTime() - stands.claimedAt.getTime()
  return {
    ok: true,
    asOf,
    lapsed: lapsedOn(snapshot, label, session.id),
    ended,
    stolen: stolenFrom(snapshot, session.id).filter(each => each.claim.label !== label),
    isNew: !isExclusive(stands) && age <= monotonicMs() - from + DRIFT_MS,
    claim: stands,
    others: othersOn(snapshot, label, session.id),
    coClaims: standingOf(snapshot, session.id).coClaims.filter(coClaim => coClaim.label !== label),
  }
}

/** Where the call itself has no time left. Best effort: what stays expires. */
async function undoQuickly(store: Store, { label, session }: OwnClaim, writeKey: string): Promise<void> {
  const soon = Deadline.after(WITHDRAW_MS)
  await soon.race(store.undo(session.id, label, writeKey, soon), () => new Error()).catch(() => {})
}
