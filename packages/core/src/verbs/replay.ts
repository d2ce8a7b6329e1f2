import type { Deadline } from '../deadline.ts'
import { isExclusive, isLive } from '../domain/claim.ts'
import { idTaken } from '../domain/id.ts'
import { type Said, writeKeyOf } from '../domain/operation.ts'
import type { IdTaken, Outcome } from '../domain/refusal.ts'
import type { Store } from '../store/port.ts'

/** What became of a queued operation. */
export interface Replay {
  /** It was done now; else an earlier try had done it, whose answer was lost, or the claim was withdrawn. */
  readonly done: boolean
  /** The session that holds the claim's label exclusively: the claim was withdrawn. */
  readonly heldBy: string | undefined
}

/**
 * Does what was said at a moment of the database's time, once, however often it is tried. Refused where the id of a
 * message or of a component's state is another's: it is not on the board, and never will be.
 */
export async function replay(
  store: Store,
  operation: Said,
  saidAt: Date,
  deadline: Deadline,
): Promise<Outcome<Replay, IdTaken>> {
  const done = await store.replay(operation, saidAt, deadline)
  if (operation.verb === 'message' && (await isTaken(store, operation, deadline)))
    return idTaken('another message has the id', operation.id)
  if (operation.verb === 'component' && (await isOtherState(store, operation, deadline)))
    return idTaken('another state has the id', operation.id)
  // Also where an earlier try wrote it: that may have ended before it looked.
  const heldBy =
    operation.verb === 'claim' ? await withdrawnFor(store, operation, saidAt, deadline) : undefined
  return { ok: true, done: done && heldBy === undefined, heldBy }
}

/** Is a message on the board under this id that isn't this one? One that is kept no longer is none. */
async function isTaken(
  store: Store,
  { id, body, session }: Extract<Said, { verb: 'message' }>,
  deadline: Deadline,
): Promise<boolean> {
  const { messages } = await store.coordination()
  const { rows } = await messages.find([id], session.id, deadline)
  const [there] = rows
  if (there) return there.from !== session.id || there.body !== body
  return (await messages.addressee(id, deadline)) !== undefined
}

/** The same of a component's state. */
async function isOtherState(
  store: Store,
  { id, project, component, state, version, notes, session }: Extract<Said, { verb: 'component' }>,
  deadline: Deadline,
): Promise<boolean> {
  const { components } = await store.coordination()
  const there = await components.said(id, deadline)
  if (!there) return false
  const said = { project, component, state, version, notes, updatedBy: session.id }
  return Object.entries(said).some(([key, value]) => there[key as keyof typeof said] !== value)
}

/**
 * As any shared claim, one that comes onto a label that is held exclusively is taken back: written first, then looked. One that
 * was made before the exclusive claim, which was made over it, stands on: it is older than what was said now.
 */
async function withdrawnFor(
  store: Store,
  operation: Extract<Said, { verb: 'claim' }>,
  saidAt: Date,
  deadline: Deadline,
): Promise<string | undefined> {
  const { label, session } = operation
  for (;;) {
    const lock = await store.locks.read(label, undefined, deadline)
    const holder = lock?.claim
    if (!lock || !holder || !isLive(holder, lock.asOf) || holder.session.id === session.id) return undefined
    if (lock.tentative) {
      // Its taker takes the label again, and then sees this claim.
      await store.locks.dropTentative(label, lock.nonce, deadline)
      continue
    }
    const { claims } = await store.read({ mine: true }, session.id, deadline)
    const stoodBefore = claims.some(
      claim =>
        claim.label === label &&
        claim.session.id === session.id &&
        !isExclusive(claim) &&
        claim.claimedAt < saidAt &&
        // A moment in the future, of a host whose clock ran ahead, was written as the moment of the replay.
        claim.claimedAt <= holder.claimedAt,
    )
    if (stoodBefore && lock.overShared) return undefined
    await store.undo(session.id, label, writeKeyOf(operation), deadline)
    return holder.session.id
  }
}
