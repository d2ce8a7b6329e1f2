import type { Deadline } from '../deadline.ts'
import { type Claim, isExclusive, isLive } from '../domain/claim.ts'
import { PresenceError } from '../domain/fault.ts'
import { type Outcome, refuse } from '../domain/refusal.ts'
import { othersOn } from '../domain/standing.ts'
import type { OwnClaim, Store } from '../store/port.ts'

/** My exclusive claim is on the board. */
export interface Acquired {
  /** The database's now of the answer. */
  readonly asOf: Date
  readonly claim: Claim & { readonly token: number }
  /** Live shared claims of others on the label, which `overShared` let stand. */
  readonly others: readonly Claim[]
}

export interface AcquireOptions {
  /** Take the label although others hold shared claims on it: they stand, and are told. */
  readonly overShared: boolean
  /** Give me what I hold already, with its token, for its own ttl from now on; else that is refused like anybody's. */
  readonly again: boolean
}

/** How often an exclusive claim that met a shared one withdraws and tries again: the shared one may be withdrawing too. */
const TRIES_BESIDE_SHARED = 4

/**
 * Takes a label for this session alone. The row is taken by one conditional update with a fresh nonce, and whether that was
 * me is read back by the nonce: affected rows tell nothing on Dolt, where two equal writes both succeed. Then the shared
 * claims are read: each side writes its own row before it reads the other's, so at least one sees the other and withdraws.
 *
 * @throws PresenceError `busy` where others are in the way until the deadline: no weaker claim is made in its place
 */
export async function acquire(
  store: Store,
  own: OwnClaim,
  { overShared, again }: AcquireOptions,
  deadline: Deadline,
): Promise<Outcome<Acquired>> {
  const { label, session } = own
  for (let besideShared = 1; ; ) {
    const nonce = newNonce()
    await store.take(own, nonce, deadline)
    const lock = await store.lock(label, deadline)
    if (!lock) {
      await store.makeLock(label, nonce, deadline)
      continue
    }
    const { claim, asOf } = lock
    const live = claim !== undefined && isLive(claim, asOf)
    if (lock.nonce !== nonce) {
      if (live && claim.session.id === session.id && again) return renewed(store, own, claim, deadline)
      if (live) return heldBy(label, claim, asOf, session.id)
      // Somebody took it and was gone again before I looked.
      await pauseOrGiveUp(label, deadline)
      continue
    }
    if (!claim || !isExclusive(claim)) throw new TypeError('a lock that was taken has a holder')
    const snapshot = await store.read({ mine: true }, session.id, deadline)
    const others = othersOn(snapshot, label, session.id)
    if (others.length === 0 || overShared) {
      // What I held as one of many I hold alone now.
      if (
        snapshot.claims.some(
          each => each.label === label && each.session.id === session.id && !isExclusive(each),
        )
      )
        await store.remove(session.id, label, deadline)
      return { ok: true, asOf: snapshot.asOf, claim, others }
    }
    await store.withdraw(label, nonce, deadline)
    if (besideShared++ >= TRIES_BESIDE_SHARED) return besideOthers(label, others, snapshot.asOf)
    await pauseOrGiveUp(label, deadline)
  }
}

/** Extends what I hold; a lease that ended in between is no longer mine to extend. */
async function renewed(
  store: Store,
  { label, session }: OwnClaim,
  before: Claim,
  deadline: Deadline,
): Promise<Outcome<Acquired>> {
  await store.extendLocks(session.id, { label, token: before.token ?? 0 }, deadline)
  const lock = await store.lock(label, deadline)
  const claim = lock?.claim
  if (lock && claim && isExclusive(claim) && claim.token === before.token && isLive(claim, lock.asOf))
    return { ok: true, asOf: lock.asOf, claim, others: [] }
  throw new PresenceError('busy', `${label} ended while it was renewed`, 'claim it again')
}

/** @param me the session that asks, which may be the holder itself */
export function heldBy(label: string, holder: Claim, asOf: Date, me?: string) {
  const who = holder.session.id === me ? 'this session' : holder.session.id
  return refuse({
    code: 'held',
    message: `${label} is held exclusively by ${who}`,
    remedy: 'wait until it is released or expires, or ask its holder',
    label,
    holders: [holder],
    asOf,
    coClaims: [],
  })
}

function besideOthers(label: string, others: readonly Claim[], asOf: Date) {
  return refuse({
    code: 'held',
    message: `${label} is claimed by ${others.map(({ session }) => session.id).join(', ')}`,
    remedy: 'wait until it is released or expires, or ask its holders',
    label,
    holders: others,
    asOf,
    coClaims: [],
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
function newNonce(): string {
  const random = () => Math.random().toString(36).slice(2)
  return `${process.pid.toString(36)}-${Date.now().toString(36)}-${random()}${random()}`.slice(0, 64)
}
