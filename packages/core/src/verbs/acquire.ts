import { Deadline } from '../deadline.ts'
import { labelOf, nameOf } from '../domain/agent-text.ts'
import { type Claim, isExclusive, isLapsed, isLive, type Snapshot } from '../domain/claim.ts'
import { PresenceError } from '../domain/fault.ts'
import type { Lock } from '../domain/lock.ts'
import { type Held, type Outcome, type Refused, refuse } from '../domain/refusal.ts'
import { othersOn } from '../domain/standing.ts'
import type { OwnClaim, Store, Waiter } from '../store/port.ts'

/** My exclusive claim is on the board. */
export interface Acquired {
  /** The database's now of the answer. */
  readonly asOf: Date
  readonly claim: Claim & { readonly token: number }
  /** Live shared claims of others on the label, which `overShared` let stand. */
  readonly others: readonly Claim[]
  /** Claims of others on it that expired without a release: what they were about may be half done. */
  readonly lapsed: readonly Claim[]
  /** How earlier claims of mine on it ended without my doing. Told once. */
  readonly ended: readonly Claim[]
  /** It was made just now, and is none that I held already. */
  readonly isNew: boolean
}

export interface AcquireOptions {
  /** Take the label although others hold shared claims on it: they stand, and are told. */
  readonly overShared: boolean
  /** Give me what I hold already, with its token, for its own ttl from now on; else that is refused like anybody's. */
  readonly again: boolean
  /** My place in the queue: whoever came before it goes first. Without one, everybody who waits does. */
  readonly waiter?: Waiter
  /** What this claim is known by, where it is tried several times. */
  readonly nonce?: string
}

/** How often an exclusive claim is tried that meets a shared one: that may just be refused itself, and be taken back. */
const TRIES_BESIDE_SHARED = 2
/** What it may take to take back what was not granted, in milliseconds, where the call itself has no time left. */
export const WITHDRAW_MS = 200

/** How long a tentative claim keeps others waiting, in milliseconds: its taker has two statements to go. */
const TENTATIVE_MS = 1_500

/**
 * Takes a label for this session alone, in three steps. One conditional update takes the row with a nonce of this claim's
 * own, and a read tells by the nonce whether that succeeded: affected rows tell nothing on Dolt, where two equal writes both
 * succeed. Then the shared claims are read: each side writes its own row before it reads the other's, so at least one sees the
 * other. Until then the claim is tentative and may be withdrawn. The last step confirms it by its nonce: from then on no call
 * withdraws it, so another process of this session may be told that it holds the label.
 *
 * What isn't granted in the end is taken back, also where an answer was lost, unless the session has extended it or claimed
 * it again since.
 *
 * @throws PresenceError `busy` where others are in the way until the deadline: no weaker claim is made in its place
 */
export async function acquire(
  store: Store,
  own: OwnClaim,
  options: AcquireOptions,
  deadline: Deadline,
): Promise<Outcome<Acquired, Held>> {
  const nonce = options.nonce ?? newNonce()
  try {
    return await tryUntil(store, own, { ...options, nonce }, deadline)
  } catch (error) {
    const atOnce = Deadline.after(WITHDRAW_MS)
    await atOnce
      .race(store.locks.takeBack(own.label, own.session.id, nonce, atOnce), () => new Error())
      .catch(() => {})
    throw error
  }
}

async function tryUntil(
  store: Store,
  own: OwnClaim,
  options: AcquireOptions & { readonly nonce: string },
  deadline: Deadline,
): Promise<Outcome<Acquired, Held>> {
  const { label, session } = own
  const { overShared, again, waiter, nonce } = options
  for (let besideShared = 1; ; ) {
    await store.locks.take(own, { nonce, overShared, waiter }, deadline)
    const lock = await store.locks.read(label, waiter, deadline)
    if (!lock) {
      await store.locks.make(label, deadline)
      continue
    }
    const { claim, asOf } = lock
    let taken = isTakenBy(lock, own, nonce) ? lock : undefined
    if (!taken) {
      if (claim && lock.tentative && (claim.session.id === session.id || isOverdue(lock))) {
        await pauseForTentative(store, label, lock, deadline)
        continue
      }
      if (claim && isLive(claim, asOf)) {
        if (claim.session.id !== session.id || !again) return heldBy(label, claim, asOf, session.id)
        const mine = await renewed(store, own, lock, deadline)
        if (mine) return mine
        // It ended in between.
        await pauseOrGiveUp(label, deadline)
        continue
      }
      if (lock.ahead > 0) return awaited(label, lock.ahead, asOf)
      if (claim)
        await store.locks.takeOver(own, options, { token: claim.token ?? 0, how: 'expired' }, deadline)
      const after = claim && (await store.locks.read(label, waiter, deadline))
      if (isTakenBy(after, own, nonce)) taken = after
      else {
        // Somebody took it and was gone again before I looked.
        await pauseOrGiveUp(label, deadline)
        continue
      }
    }
    const snapshot = await store.read({ held: label }, session.id, deadline)
    const mine = snapshot.claims.find(each => isMine(each, own) && isExclusive(each))
    if (!mine || !isExclusive(mine) || !isLive(mine, snapshot.asOf)) {
      // A claim of a second, on a machine that was asleep between two statements.
      await pauseOrGiveUp(label, deadline)
      continue
    }
    const others = othersOn(snapshot, label, session.id)
    // Whatever came since an earlier try was confirmed gives way to it.
    if (others.length === 0 || overShared || taken?.tentative === false) {
      if (!(await store.locks.confirm(label, session.id, nonce, deadline))) {
        // It took so long that it expired, or that somebody dropped it.
        await pauseOrGiveUp(label, deadline)
        continue
      }
      const ended = await leaveBehind(store, own, snapshot, deadline)
      const lapsed = lapsedOn(snapshot, label, session.id)
      return { ok: true, asOf: snapshot.asOf, claim: mine, others, lapsed, ended, isNew: true }
    }
    await store.locks.takeBack(label, session.id, nonce, deadline)
    if (besideShared++ >= TRIES_BESIDE_SHARED) return besideOthers(label, others, snapshot.asOf)
    await pauseOrGiveUp(label, deadline)
  }
}

/** By the session too, and live: over HTTP the nonce is the client's, and may come twice. */
function isTakenBy(lock: Lock | undefined, { session }: OwnClaim, nonce: string): lock is Lock {
  if (lock?.nonce !== nonce || lock.claim?.session.id !== session.id) return false
  return isLive(lock.claim, lock.asOf)
}

/** Should its taker have confirmed or withdrawn it by now? It was killed, or is slow: then it takes the label again. */
export function isOverdue({ claim, tentative, asOf }: Lock): boolean {
  if (!claim || !tentative) return false
  return !isLive(claim, asOf) || asOf.getTime() - claim.claimedAt.getTime() > TENTATIVE_MS
}

/** Gives the taker of a tentative claim a moment to confirm or withdraw it; one that is overdue is dropped. */
export async function pauseForTentative(
  store: Store,
  label: string,
  lock: Lock,
  deadline: Deadline,
): Promise<void> {
  if (isOverdue(lock)) await store.locks.dropTentative(label, lock.nonce, deadline)
  else await pauseOrGiveUp(label, deadline)
}

/** Does the session stand on the label by this claim, live or lapsed? */
export function isMine(claim: Claim, { label, session }: OwnClaim): boolean {
  return claim.label === label && claim.session.id === session.id && claim.ended === undefined
}

/**
 * What had lapsed or ended of my claims on this label is told by this answer, and forgotten. A live shared claim of mine stays:
 * another process of the session may have made it.
 *
 * @returns how earlier claims of mine on the label ended without my doing
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

/** Others' claims on a label that expired without a release, the latest first. */
export function lapsedOn({ claims, asOf }: Snapshot, label: string, sessionId: string): readonly Claim[] {
  return claims
    .filter(claim => claim.label === label && claim.session.id !== sessionId && isLapsed(claim, asOf))
    .toSorted((a, b) => b.expiresAt.getTime() - a.expiresAt.getTime())
}

/** Extends what this session holds already, and was confirmed. Undefined where that ended in between. */
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
  return { ok: true, asOf: snapshot.asOf, claim, others, lapsed, ended, isNew: false }
}

/** @param me the session that asks, which may be the holder itself */
export function heldBy(label: string, holder: Claim, asOf: Date, me?: string): Refused<Held> {
  const who = holder.session.id === me ? 'this session' : nameOf(holder.session.id)
  return refuse({
    code: 'held',
    message: `${labelOf(label)} is held exclusively by ${who}`,
    remedy: 'wait in turn with --wait 10m, or ask its holder',
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
    remedy: 'wait until they are gone with --wait 10m, ask the holders, or claim it --over-shared',
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
    remedy: 'wait in turn: --wait 10m',
    label,
    holders: [],
    asOf,
    coClaims: [],
    waiting,
  })
}

/** With jitter: two that met withdraw at once, and would meet again. */
export async function pauseOrGiveUp(label: string, deadline: Deadline): Promise<void> {
  if (deadline.passed)
    throw new PresenceError(
      'busy',
      `${label} could not be had for all the others who want it: nobody knows who holds it`,
      'try again',
    )
  await deadline.pause(10 + Math.random() * 60)
}

/** Unlike any other of any process; node:crypto would take 8 ms to load. */
export function newNonce(): string {
  const random = () => Math.random().toString(36).slice(2)
  return `${process.pid.toString(36)}-${Date.now().toString(36)}-${random()}${random()}`.slice(0, 64)
}
