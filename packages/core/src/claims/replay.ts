import type { Deadline } from '../deadline.ts'
import { isExclusive, isLive } from '../domain/claim.ts'
import { idTaken } from '../domain/id.ts'
import { type Said, writeKeyOf } from '../domain/operation.ts'
import type { IdTaken, Outcome } from '../domain/refusal.ts'
import type { Store } from '../store/port/store.ts'

/** The result of replaying an operation from the outbox. */
export interface Replay {
  /**
   * True if it was done now. False if an earlier attempt had done it and its answer was lost, or if the claim
   * was withdrawn.
   */
  readonly done: boolean
  /** The session that holds the claim's label exclusively, so the claim was withdrawn. */
  readonly heldBy: string | undefined
}

/**
 * Performs an operation as of a moment of the database's time, once, however often it is tried. Refused if
 * another message or component state has the id: the operation is not on the board and never will be.
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
  // Check this even if an earlier attempt wrote the claim: that attempt may have ended before the check.
  const heldBy =
    operation.verb === 'claim' ? await withdrawnFor(store, operation, saidAt, deadline) : undefined
  return { ok: true, done: done && heldBy === undefined, heldBy }
}

/** Whether a different message on the board has this id. A message that is no longer kept does not count. */
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

/** The same for a component's state. */
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
 * Takes the claim back if its label is held exclusively: like any shared claim, it is written first and
 * checked afterwards. A claim that existed before an exclusive claim was made over it stays, because it is
 * older than the replayed operation.
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
      // The taker of the tentative claim takes the label again, and then sees this claim.
      await store.locks.dropTentative(label, lock.writeKey, deadline)
      continue
    }
    const { claims } = await store.read({ mine: true }, session.id, deadline)
    const stoodBefore = claims.some(
      claim =>
        claim.label === label &&
        claim.session.id === session.id &&
        !isExclusive(claim) &&
        claim.claimedAt < saidAt &&
        // If the host's clock ran ahead, the replayed claim itself has the time of the replay, which is
        // before `saidAt`. That claim isn't older than the exclusive one, so also compare it with the
        // holder's.
        claim.claimedAt <= holder.claimedAt,
    )
    if (stoodBefore && lock.overShared) return undefined
    await store.undo(session.id, label, writeKeyOf(operation), deadline)
    return holder.session.id
  }
}
