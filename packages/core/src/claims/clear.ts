import type { Deadline } from '../deadline.ts'
import type { Session } from '../domain/session.ts'
import { newKey } from '../domain/write-key.ts'
import type { Store } from '../store/port/store.ts'
import { isTaken } from './steal.ts'

/** An exclusive claim, identified by its label and its token. */
export interface Acquisition {
  readonly label: string
  readonly token: number
}

/**
 * Frees an idle exclusive claim of another session. The same transaction checks that it is idle, so an
 * earlier heartbeat keeps the claim. Recorded as a steal, and reported to the session that held it (G5).
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
  const before = await store.locks.read(label, undefined, deadline)
  if (before?.claim?.token !== token) return false
  const writeKey = newKey()
  await store.locks.clear(by, { label, token, reason }, writeKey, deadline)
  if ((await store.locks.read(label, undefined, deadline))?.writeKey === writeKey) return true
  // Another session may have taken the label as soon as it was free. The event of a claim that had expired has
  // the time of its expiry.
  const since = new Date(Math.min(before.asOf.getTime(), before.claim.expiresAt.getTime()))
  return isTaken(store, { label, token: token + 1, reason, since }, by.id, deadline)
}
