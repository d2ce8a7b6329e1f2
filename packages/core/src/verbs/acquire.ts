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

/** How often an exclusive claim that met a shared one withdraws and tries again: the shared one may be withdrawing too. */
const TRIES_BESIDE_SHARED = 4
/** What it may take to take back what was not granted, in milliseconds, where the call itself has no time left. */
const WITHDRAW_MS = 200

/**
 * Takes a label for this session alone. The row is taken by one conditional update with a nonce of this claim's own, and
 * whether that was me is read back by it: affected rows tell nothing on Dolt, where two equal writes both succeed. Then the
 * shared claims are read: each side writes its own row before it reads the other's, so at least one sees the other and
 * withdraws. What isn't granted in the end is taken back, also where an answer was lost, unless the session has
 * extended it since: another process of it may have been granted it.
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
    if (!isTakenBy(lock, own, nonce)) {
      if (claim && isLive(claim, asOf)) {
        if (claim.session.id !== session.id || !again) return heldBy(label, claim, asOf, session.id)
        const mine = await renewed(store, own, lock, deadline)
        if (mine) return mine
        // It ended in between, or another command of this session took it back.
        await pauseOrGiveUp(label, deadline)
        continue
      }
      if (lock.ahead > 0) return awaited(label, lock.ahead, asOf)
      if (claim)
        await store.locks.takeOver(own, options, { token: claim.token ?? 0, how: 'expired' }, deadline)
      const after = claim && (await store.locks.read(label, waiter, deadline))
      if (!isTakenBy(after, own, nonce)) {
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
    if (others.length === 0 || overShared) {
      const ended = await leaveBehind(store, own, snapshot, deadline)
      const lapsed = lapsedOn(snapshot, label, session.id)
      return { ok: true, asOf: snapshot.asOf, claim: mine, others, lapsed, ended, isNew: true }
    }
    await store.locks.withdraw(label, session.id, nonce, deadline)
    if (besideShared++ >= TRIES_BESIDE_SHARED) return besideOthers(label, others, snapshot.asOf)
    await pauseOrGiveUp(label, deadline)
  }
}

/** By the session too, and live: over HTTP the nonce is the client's, and may come twice. */
function isTakenBy(lock: Lock | undefined, { session }: OwnClaim, nonce: string): boolean {
  if (lock?.nonce !== nonce || lock.claim?.session.id !== session.id) return false
  return isLive(lock.claim, lock.asOf)
}

/** Does the session stand on the label by this claim, live or lapsed? */
export function isMine(claim: Claim, { label, session }: OwnClaim): boolean {
  return claim.label === label && claim.session.id === session.id && claim.ended === undefined
}

/**
 * What I held as one of many I hold alone now, and of what had ended of mine on this label I am told by this answer.
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
  const shared = mine.filter(claim => !isExclusive(claim) && !claim.ended)
  if (shared.length > 0) await store.remove(session.id, label, deadline)
  const ended = mine.filter(claim => claim.ended)
  if (ended.length > 0) await store.history.forget(session.id, label, deadline)
  return [...ended, ...shared.filter(claim => !isLive(claim, asOf))]
}

/** Others' claims on a label that expired without a release, the latest first. */
export function lapsedOn({ claims, asOf }: Snapshot, label: string, sessionId: string): readonly Claim[] {
  return claims
    .filter(claim => claim.label === label && claim.session.id !== sessionId && isLapsed(claim, asOf))
    .toSorted((a, b) => b.expiresAt.getTime() - a.expiresAt.getTime())
}

/**
 * Extends what I hold; a lease that ended in between is no longer mine to extend. Another command of this session may have
 * taken it this moment, and have to withdraw: where shared claims stand beside it, it is granted only if it was made over
 * them.
 */
async function renewed(
  store: Store,
  own: OwnClaim,
  { claim: before, overShared }: Lock,
  deadline: Deadline,
): Promise<Outcome<Acquired, Held> | undefined> {
  const { label, session } = own
  await store.locks.renew(own, before?.token ?? 0, deadline)
  const snapshot = await store.read({ held: label }, session.id, deadline)
  const claim = snapshot.claims.find(each => isMine(each, own) && isExclusive(each))
  if (!claim || !isExclusive(claim) || claim.token !== before?.token || !isLive(claim, snapshot.asOf))
    return undefined
  const others = othersOn(snapshot, label, session.id)
  if (others.length > 0 && !overShared) return besideOthers(label, others, snapshot.asOf)
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
