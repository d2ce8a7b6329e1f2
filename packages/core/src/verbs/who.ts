import type { Deadline } from '../deadline.ts'
import { type SeenSession, sessionsIn } from '../domain/seen.ts'
import { type CoClaim, standingOf } from '../domain/standing.ts'
import type { Store } from '../store/port.ts'

export interface Who {
  /** The sessions that are registered or hold live claims, the latest heard of first. */
  readonly sessions: readonly SeenSession[]
  /** The database's now that they were read at. */
  readonly asOf: Date
  /** Where others hold what I hold. */
  readonly coClaims: readonly CoClaim[]
}

/** Who is on the board, and what each holds. */
export async function who(store: Store, sessionId: string, all: boolean, deadline: Deadline): Promise<Who> {
  const registered = await store.sessions(all, deadline)
  const snapshot = await store.read({ whole: true }, sessionId, deadline)
  return {
    sessions: sessionsIn(snapshot, registered),
    asOf: snapshot.asOf,
    coClaims: standingOf(snapshot, sessionId).coClaims,
  }
}
