import { Deadline } from '../deadline.ts'
import { labelOf, nameOf } from '../domain/agent-text.ts'
import { type Claim, isExclusive, isLapsed, isLive, type Snapshot } from '../domain/claim.ts'
import { PresenceError } from '../domain/fault.ts'
import type { Lock } from '../domain/lock.ts'
import { nearTo, type OverlappingClaim } from '../domain/near.ts'
import { type Held, type Outcome, type Refused, refuse } from '../domain/refusal.ts'
import { othersOn } from '../domain/session-view.ts'
import { newKey } from '../domain/write-key.ts'
import type { OwnClaim, Waiter } from '../store/port/locks.ts'
import type { Store } from '../store/port/store.ts'

/** This session's exclusive claim is on the board. */
export interface Acquired {
  /** The database's time of the answer. */
  readonly asOf: Date
  /** The claim, with its fencing token. */
  readonly claim: Claim & { readonly token: number }
  /** Live shared claims of other sessions on the label, which `overShared` left in place. */
  readonly others: readonly Claim[]
  /** The live claims of other sessions on labels that touch the same thing. They don't refuse the claim. */
  readonly overlaps: readonly OverlappingClaim[]
  /** The live claims of other sessions on labels that may be the same thing under another name. */
  readonly maybeSame: readonly Claim[]
  /** Claims of other sessions on the label that lapsed. The work they were about may be half done. */
  readonly lapsed: readonly Claim[]
  /** Earlier claims of this session on the label that ended without a release. Reported only once. */
  readonly ended: readonly Claim[]
  /** True if the claim was newly created, false if an existing claim was extended. */
  readonly isNew: boolean
}

export interface AcquireOptions {
  /**
   * Take the label although others hold shared claims on it. Those claims stay, and their sessions are told.
   */
  readonly overShared: boolean
  /**
   * Extend the claim that this session already holds by its own ttl, with the same token. If false, the call
   * is refused as if another session held the label.
   */
  readonly reentrant: boolean
  /**
   * This caller's place in the wait queue: only those ahead of it go first. Without it, everyone who waits
   * goes first.
   */
  readonly waiter?: Waiter
  /** Identifies the claim over several attempts. */
  readonly writeKey?: string
}

/**
 * How many times to try an exclusive claim on a label with a shared claim: the shared claim may itself be
 * about to be refused and taken back.
 */
const TRIES_BESIDE_SHARED = 2
/**
 * How long taking back a claim that was not granted may take, in milliseconds, if the call has no time left.
 */
export const WITHDRAW_MS = 200

/**
 * How long a tentative claim may block others, in milliseconds: its taker has only two more statements to
 * run.
 */
const TENTATIVE_MS = 1_500

/**
 * Takes a label exclusively, in three steps.
 *
 * 1. A conditional update writes a write key into the row, and a read of the row shows by the key whether
 * that succeeded. The number of affected rows shows nothing on Dolt, where two equal writes both succeed.
 * 2. The shared claims are read. Each side writes its own row before it reads the other's, so at least one of
 * them sees the other. Until this is done, the claim is tentative and may be withdrawn.
 * 3. The claim is confirmed by its write key. After that no call withdraws it, so another process of this
 * session may be told that it holds the label.
 *
 * A claim that isn't granted in the end is taken back, even if an answer was lost, unless the session has
 * since extended it or claimed it again.
 *
 * @throws PresenceError `busy` if other sessions are in the way until the deadline. The exclusive claim is
 * never replaced by a weaker one
 */
export async function acquire(
  store: Store,
  own: OwnClaim,
  options: AcquireOptions,
  deadline: Deadline,
): Promise<Outcome<Acquired, Held>> {
  const writeKey = options.writeKey ?? newKey()
  try {
    return await tryUntil(store, own, { ...options, writeKey }, deadline)
  } catch (error) {
    const atOnce = Deadline.after(WITHDRAW_MS)
    await atOnce
      .race(store.locks.takeBack(own.label, own.session.id, writeKey, atOnce), () => new Error())
      .catch(() => {})
    throw error
  }
}

async function tryUntil(
  store: Store,
  own: OwnClaim,
  options: AcquireOptions & { readonly writeKey: string },
  deadline: Deadline,
): Promise<Outcome<Acquired, Held>> {
  const { label, session } = own
  const { overShared, reentrant, waiter, writeKey } = options
  for (let besideShared = 1; ; ) {
    await store.locks.take(own, { writeKey, overShared, waiter }, deadline)
    const lock = await store.locks.read(label, waiter, deadline)
    if (!lock) {
      await store.locks.make(label, deadline)
      continue
    }
    const { claim, asOf } = lock
    let taken = isTakenBy(lock, own, writeKey) ? lock : undefined
    if (!taken) {
      if (claim && lock.tentative && (claim.session.id === session.id || isOverdue(lock))) {
        await pauseForTentative(store, label, lock, deadline)
        continue
      }
      if (claim && isLive(claim, asOf)) {
        if (claim.session.id !== session.id || !reentrant) return heldBy(label, claim, asOf, session.id)
        const mine = await renewed(store, own, lock, deadline)
        if (mine) return mine
        // This session's claim ended in the meantime.
        await pauseOrGiveUp(label, deadline)
        continue
      }
      if (lock.ahead > 0) return awaited(label, lock.ahead, asOf)
      if (claim)
        await store.locks.takeOver(own, options, { token: claim.token ?? 0, how: 'expired' }, deadline)
      const after = claim && (await store.locks.read(label, waiter, deadline))
      if (isTakenBy(after, own, writeKey)) taken = after
      else {
        // Another session took it and released it before this read.
        await pauseOrGiveUp(label, deadline)
        continue
      }
    }
    const snapshot = await store.read({ held: label }, session.id, deadline)
    const mine = snapshot.claims.find(each => isMine(each, own) && isExclusive(each))
    if (!mine || !isExclusive(mine) || !isLive(mine, snapshot.asOf)) {
      // The claim is over already: for example, its ttl was a second and the machine slept between two
      // statements.
      await pauseOrGiveUp(label, deadline)
      continue
    }
    const others = othersOn(snapshot, label, session.id)
    // If an earlier attempt was already confirmed, claims made since then give way to it.
    if (others.length === 0 || overShared || taken?.tentative === false) {
      if (!(await store.locks.confirm(label, session.id, writeKey, deadline))) {
        // This took so long that the claim expired or another session dropped it.
        await pauseOrGiveUp(label, deadline)
        continue
      }
      const ended = await leaveBehind(store, own, snapshot, deadline)
      const lapsed = lapsedOn(snapshot, label, session.id)
      const near = nearTo(snapshot, label, session.id)
      return { ok: true, asOf: snapshot.asOf, claim: mine, others, ...near, lapsed, ended, isNew: true }
    }
    await store.locks.takeBack(label, session.id, writeKey, deadline)
    if (besideShared++ >= TRIES_BESIDE_SHARED) return besideOthers(label, others, snapshot.asOf)
    await pauseOrGiveUp(label, deadline)
  }
}

/**
 * Also compares the session, and requires a live claim: over HTTP the client chooses the write key, so the
 * same key may arrive twice.
 */
function isTakenBy(lock: Lock | undefined, { session }: OwnClaim, writeKey: string): lock is Lock {
  if (lock?.writeKey !== writeKey || lock.claim?.session.id !== session.id) return false
  return isLive(lock.claim, lock.asOf)
}

/**
 * Whether the taker should have confirmed or withdrawn the claim by now. If so, the claim may be dropped: if
 * the taker was killed, nothing is lost, and if it is slow, it takes the label again.
 */
export function isOverdue({ claim, tentative, asOf }: Lock): boolean {
  if (!claim || !tentative) return false
  return !isLive(claim, asOf) || asOf.getTime() - claim.claimedAt.getTime() > TENTATIVE_MS
}

/**
 * Gives the taker of a tentative claim a moment to confirm or withdraw it. Drops the claim if it is overdue.
 */
export async function pauseForTentative(
  store: Store,
  label: string,
  lock: Lock,
  deadline: Deadline,
): Promise<void> {
  if (isOverdue(lock)) await store.locks.dropTentative(label, lock.writeKey, deadline)
  else await pauseOrGiveUp(label, deadline)
}

/** Whether this claim, live or lapsed, is the session's claim on the label. */
export function isMine(claim: Claim, { label, session }: OwnClaim): boolean {
  return claim.label === label && claim.session.id === session.id && claim.ended === undefined
}

/**
 * Forgets this session's lapsed and ended claims on the label, because this answer reports them. A live
 * shared claim stays: another process of the session may have made it.
 *
 * @returns earlier claims of this session on the label that ended without a release
 */
export async function leaveBehind(
  store: Store,
  { label, session }: OwnClaim,
  { claims, asOf }: Snapshot,
  deadline: Deadline,
): Promise<readonly Claim[]> {
  const mine = claims.filter(claim => claim.label === label && claim.session.id === session.id)
  const lapsed = mine.filter(claim => !isExclusive(claim) && !claim.ended && !isLive(claim, asOf))
  if (lapsed.length > 0) await store.removeLapsed(session.id, label, deadline)
  const ended = mine.filter(claim => claim.ended)
  if (ended.length > 0) await store.history.forget(session.id, label, deadline)
  return [...ended, ...lapsed]
}

/** Claims of other sessions on a label that lapsed, the latest first. */
export function lapsedOn({ claims, asOf }: Snapshot, label: string, sessionId: string): readonly Claim[] {
  return claims
    .filter(claim => claim.label === label && claim.session.id !== sessionId && isLapsed(claim, asOf))
    .toSorted((a, b) => b.expiresAt.getTime() - a.expiresAt.getTime())
}

/** Extends the confirmed claim that this session already holds. Undefined if it ended in the meantime. */
async function renewed(
  store: Store,
  own: OwnClaim,
  { claim: before }: Lock,
  deadline: Deadline,
): Promise<Outcome<Acquired, Held> | undefined> {
  const { label, session } = own
  await store.locks.renew(own, before?.token ?? 0, deadline)
  const snapshot = await store.read({ held: label }, session.id, deadline)
  const claim = snapshot.claims.find(each => isMine(each, own) && isExclusive(each))
  if (!claim || !isExclusive(claim) || claim.token !== before?.token || !isLive(claim, snapshot.asOf))
    return undefined
  const others = othersOn(snapshot, label, session.id)
  const ended = await leaveBehind(store, own, snapshot, deadline)
  const lapsed = lapsedOn(snapshot, label, session.id)
  const near = nearTo(snapshot, label, session.id)
  return { ok: true, asOf: snapshot.asOf, claim, others, ...near, lapsed, ended, isNew: false }
}

/** @param me the session that asks, which may be the holder itself */
export function heldBy(label: string, holder: Claim, asOf: Date, me?: string): Refused<Held> {
  const isMe = holder.session.id === me
  const who = isMe ? 'this session' : nameOf(holder.session.id)
  return refuse({
    code: 'held',
    message: `${labelOf(label)} is held exclusively by ${who}`,
    remedy: isMe
      ? 'another process of this session may hold it: wait until it is released, or give each process a session of its own'
      : 'wait for it in turn, or ask its holder',
    label,
    holders: [holder],
    asOf,
    coClaims: [],
  })
}

function besideOthers(label: string, others: readonly Claim[], asOf: Date): Refused<Held> {
  return refuse({
    code: 'held',
    message: `${labelOf(label)} is claimed by ${others.map(({ session }) => nameOf(session.id)).join(', ')}`,
    remedy: 'wait for them to finish, ask the holders, or claim it over their shared claims',
    label,
    holders: others,
    asOf,
    coClaims: [],
  })
}

function awaited(label: string, waiting: number, asOf: Date): Refused<Held> {
  return refuse({
    code: 'held',
    message: `${waiting === 1 ? 'a session waits' : `${waiting} sessions wait`} in turn for ${labelOf(label)}`,
    remedy: 'wait for it in turn',
    label,
    holders: [],
    asOf,
    coClaims: [],
    waiting,
  })
}

/** Two sessions that collide both withdraw. The random part makes it unlikely that they collide again. */
export async function pauseOrGiveUp(label: string, deadline: Deadline): Promise<void> {
  if (deadline.passed)
    throw new PresenceError(
      'busy',
      `too many sessions want ${label} at once: it is unknown who holds it`,
      'try again',
    )
  await deadline.pause(10 + Math.random() * 60)
}
