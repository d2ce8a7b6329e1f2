import type { Deadline } from '../deadline.ts'
import { type Claim, isLive } from '../domain/claim.ts'
import type { Held } from '../domain/refusal.ts'
import { othersOn } from '../domain/session-view.ts'
import type { OwnClaim, Waiter } from '../store/port/locks.ts'
import type { Store } from '../store/port/store.ts'
import { type Acquired, type AcquireOptions, acquire, isOverdue } from './acquire.ts'

/** The state of a place in the wait queue. */
export interface Polled {
  /** If it was this waiter's turn: the claim it made. */
  readonly acquired: Acquired | undefined
  /** How many others come first. */
  readonly ahead: number
  /** The claims on the label. */
  readonly holders: readonly Claim[]
  /** The database's time when this state was read. */
  readonly asOf: Date | undefined
  /** If it was this waiter's turn, but the claim was refused: the refusal. */
  readonly held: Held | undefined
}

export interface PollOptions {
  /** Identifies the claim. The same in every look. */
  readonly writeKey: string
  /** The place in the wait queue. The same in every look. */
  readonly waiter: string
  /**
   * Joins the wait queue, or reports that the waiter is still there. A waiter that gives no sign of life for
   * 6 s loses its place.
   */
  readonly keepAlive: boolean
}

/** Checks once whether it is a waiter's turn, and takes the label if so. */
export async function poll(
  store: Store,
  own: OwnClaim,
  options: Pick<AcquireOptions, 'overShared' | 'reentrant'> & PollOptions,
  deadline: Deadline,
): Promise<Polled> {
  const { label, session } = own
  const waiter: Waiter = { id: options.waiter, sessionId: session.id }
  if (options.keepAlive) await store.locks.wait(label, waiter, deadline)
  const lock = await store.locks.read(label, waiter, deadline)
  const { ahead = 0, claim, asOf } = lock ?? {}
  const waiting = (holders: readonly Claim[], at = asOf): Polled => {
    return { acquired: undefined, ahead, holders, asOf: at, held: undefined }
  }
  // Another process of this session may have received the label in the meantime. With `reentrant`, it is also
  // this process's claim.
  const isOurs =
    lock?.writeKey === options.writeKey || (options.reentrant && claim?.session.id === session.id)
  if (claim && asOf && isLive(claim, asOf) && !isOurs && !(lock && isOverdue(lock))) return waiting([claim])
  if (ahead > 0) return waiting([])
  if (!options.overShared) {
    // Taking the label and withdrawing would refuse every shared claim made in between.
    const snapshot = await store.read({ label }, session.id, deadline)
    const holders = othersOn(snapshot, label, session.id)
    if (holders.length > 0) return waiting(holders, snapshot.asOf)
  }
  const { overShared, reentrant, writeKey } = options
  const said = await acquire(store, own, { overShared, reentrant, writeKey, waiter }, deadline)
  if (said.ok) {
    const { ok, ...acquired } = said
    return { ...waiting([]), acquired }
  }
  const held = said.refusal
  return { ...waiting(held.holders, held.asOf), held }
}
