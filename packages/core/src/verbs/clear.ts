import type { Deadline } from '../deadline.ts'
import type { Session } from '../domain/session.ts'
import type { Store } from '../store/port.ts'
import { newNonce } from './acquire.ts'
import { isTaken } from './steal.ts'

/** An exclusive claim by what tells it from any other: its label and its token. */
export interface Acquisition {
  readonly label: string
  readonly token: number
}

/**
 * Frees an exclusive claim that its session has abandoned. That it was stale is part of the same transaction: a heartbeat
 * that comes before it keeps the claim. Recorded as a steal, and told to the session that held it (G5).
 *
 * @returns whether it was freed
 */
export async function clear(
  store: Store,
  by: Session,
  { label, token }: Acquisition,
  reason: string,
  deadline: Deadline,
): Promise<boolean> {
  if ((await store.locks.read(label, undefined, deadline))?.claim?.token !== token) return false
  const nonce = newNonce()
  await store.locks.clear(by, { label, token, reason }, nonce, deadline)
  if ((await store.locks.read(label, undefined, deadline))?.nonce === nonce) return true
  // Somebody may have taken the label as soon as it was free.
  return isTaken(store, { label, token: token + 1 }, by.id, deadline)
}
