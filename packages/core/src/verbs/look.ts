import type { Deadline } from '../deadline.ts'
import { type Claim, isLive } from '../domain/claim.ts'
import type { Held } from '../domain/refusal.ts'
import { othersOn } from '../domain/standing.ts'
import type { OwnClaim, Store, Waiter } from '../store/port.ts'
import { type Acquired, type AcquireOptions, acquire, isOverdue } from './acquire.ts'

/** How a place in the queue stands. */
export interface Look {
  /** It was this waiter's turn, and the label is its own now. */
  readonly acquired: Acquired | undefined
  /** How many others come first. */
  readonly ahead: number
  /** Who is on the label. */
  readonly holders: readonly Claim[]
  /** The database's now of this. */
  readonly asOf: Date | undefined
  /** It was this waiter's turn, and it was refused all the same. */
  readonly held: Held | undefined
}

export interface LookOptions {
  /** What the claim is known by, the same at every look. */
  readonly nonce: string
  /** The place in the queue, the same at every look. */
  readonly waiter: string
  /** Enters the queue, or says that the waiter is still there: one that isn't heard of for 6 s loses its place. */
  readonly stay: boolean
}

/** Looks once whether it is a waiter's turn, and takes the label if so. */
export async function look(
  store: Store,
  own: OwnClaim,
  options: Pick<AcquireOptions, 'overShared' | 'again'> & LookOptions,
  deadline: Deadline,
): Promise<Look> {
  const { label, session } = own
  const waiter: Waiter = { id: options.waiter, sessionId: session.id }
  if (options.stay) await store.locks.wait(label, waiter, deadline)
  const lock = await store.locks.read(label, waiter, deadline)
  const { ahead = 0, claim, asOf } = lock ?? {}
  const waiting = (holders: readonly Claim[], at = asOf): Look => {
    return { acquired: undefined, ahead, holders, asOf: at, held: undefined }
  }
  // Another process of this session may have been given the label meanwhile: with `again` that is this one's too.
  const isOurs = lock?.nonce === options.nonce || (options.again && claim?.session.id === session.id)
  if (claim && asOf && isLive(claim, asOf) && !isOurs && !(lock && isOverdue(lock))) return waiting([claim])
  if (ahead > 0) return waiting([])
  if (!options.overShared) {
    // To take it and withdraw would refuse every shared claim that comes meanwhile.
    const snapshot = await store.read({ label }, session.id, deadline)
    const holders = othersOn(snapshot, label, session.id)
    if (holders.length > 0) return waiting(holders, snapshot.asOf)
  }
  const { overShared, again, nonce } = options
  const said = await acquire(store, own, { overShared, again, nonce, waiter }, deadline)
  if (said.ok) {
    const { ok, ...acquired } = said
    return { ...waiting([]), acquired }
  }
  const held = said.refusal
  return { ...waiting(held.holders, held.asOf), held }
}
