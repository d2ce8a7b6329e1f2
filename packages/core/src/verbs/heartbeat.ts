import type { Deadline } from '../deadline.ts'
import { type Standing, standingOf } from '../domain/standing.ts'
import type { Store } from '../store/port.ts'

/** Extends each live claim of the session by its own ttl; says what lives, what had lapsed and who is beside it (G3). */
export async function heartbeat(store: Store, sessionId: string, deadline: Deadline): Promise<Standing> {
  await store.extend(sessionId, deadline)
  return standingOf(await store.read({ mine: true }, sessionId, deadline), sessionId)
}
