import { Deadline, monotonicMs } from '../deadline.ts'
import { type Claim, isExclusive, isLive, type Snapshot } from '../domain/claim.ts'
import { PresenceError } from '../domain/fault.ts'
import { eventsOfClaim } from '../domain/history.ts'
import { nearTo, type OverlappingClaim } from '../domain/near.ts'
import type { Outcome, Refused } from '../domain/refusal.ts'
import { type CoClaim, type Lapsed, othersOn, stolenFrom, viewOf } from '../domain/session-view.ts'
import { newKey } from '../domain/write-key.ts'
import type { OwnClaim } from '../store/port/locks.ts'
import type { Store } from '../store/port/store.ts'
import { heldBy, isMine, lapsedOn, pauseForTentative, WITHDRAW_MS } from './acquire.ts'
import { type CallContext, type OwnInput, ownClaimIn } from './context.ts'

/** This session's claim is on the board, and these sessions also hold its label. */
export interface Claimed {
  /** The database's time of the answer. */
  readonly asOf: Date
  /** The claim as it now is on the board. */
  readonly claim: Claim
  /** The live claims of other sessions on the label, the oldest first. */
  readonly others: readonly Claim[]
  /** Other labels of this session that other sessions also hold. */
  readonly coClaims: readonly CoClaim[]
  /** The live claims of other sessions on labels that touch the same thing, such as the namespace of a service. */
  readonly overlaps: readonly OverlappingClaim[]
  /** The live claims of other sessions on labels that may be the same thing under another name. */
  readonly maybeSame: readonly Claim[]
  /** Claims of other sessions on the label that lapsed. The work they were about may be half done. */
  readonly lapsed: readonly Claim[]
  /**
   * Earlier claims of this session on the label that ended without a release, for example by a steal.
   * Reported only once.
   */
  readonly ended: readonly Claim[]
  /**
   * The claims on other labels that were stolen from this session, until it releases the label or claims it
   * again.
   */
  readonly stolen: readonly Lapsed[]
  /** True if the claim was newly created, false if an existing claim was extended. */
  readonly isNew: boolean
}

/** How far this host's clock and the database's may drift apart during one call, in milliseconds. */
const DRIFT_MS = 50

/**
 * Claims a label: writes this session's row, then reads who else is there, as two statements in this order.
 * If two sessions do so at the same time, at least one sees the other (G1). If they read first, or did both
 * in one transaction, possibly neither would.
 *
 * Processes of one session share the row. Each write has its own key, and a refused claim takes back only its
 * own write, so what another process of the session was told stays true.
 */
export async function claim(
  store: Store,
  own: OwnClaim,
  deadline: Deadline,
  writeKey = newKey(),
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
 * Decides whether the claim that was just written may stay beside an exclusive claim, if there is one.
 * Undefined if the state is about to change: write and read again.
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
    // Another process of this session released the claim in the meantime. The latest request is to hold it,
    // so write it again.
    if (!deadline.passed) return undefined
    throw new PresenceError(
      'busy',
      `another process of this session keeps releasing ${label}`,
      'claim it again',
    )
  }
  if (!isLive(mine, asOf)) {
    // The read was delayed for longer than the claim lives.
    if (!deadline.passed) return undefined
    throw new PresenceError(
      'busy',
      `the claim on ${label} expired before the board could answer`,
      'claim it again, for longer',
    )
  }
  const exclusive = claims.find(
    each => each.label === label && isExclusive(each) && !each.ended && isLive(each, asOf),
  )
  if (!exclusive || !isExclusive(exclusive)) return { stands: mine }
  if (exclusive.session.id === session.id) {
    // An exclusive claim of this session is stronger than a shared one. Once it is extended, no lost answer
    // takes it back.
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
  // A claim that existed before an exclusive claim was made over it stays.
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
    ...nearTo(snapshot, label, session.id),
    coClaims: viewOf(snapshot, session.id).coClaims.filter(coClaim => coClaim.label !== label),
  }
}

/** Used when the call itself has no time left. Best effort: a claim that remains expires. */
async function undoQuickly(store: Store, { label, session }: OwnClaim, writeKey: string): Promise<void> {
  const soon = Deadline.after(WITHDRAW_MS)
  await soon.race(store.undo(session.id, label, writeKey, soon), () => new Error()).catch(() => {})
}

export interface ClaimInput extends OwnInput {
  /** Identifies this write of the claim. @default a random key */
  readonly writeKey?: string
}

export async function claimCall(context: CallContext, input: ClaimInput): Promise<Outcome<Claimed>> {
  const own = ownClaimIn(context, input)
  if (!own.ok) return own
  const { store, recorder, pruner } = context
  const claimed = await claim(store, own.value, context.deadline(), input.writeKey)
  if (claimed.ok && claimed.isNew) recorder.afterAnswer(eventsOfClaim(claimed))
  pruner.afterAnswer(recorder.settled())
  return claimed
}
