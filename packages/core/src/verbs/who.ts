import type { Deadline } from '../deadline.ts'
import { type SeenSession, type SessionState, sessionsIn } from '../domain/seen.ts'
import { type CoClaim, standingOf } from '../domain/standing.ts'
import type { Store } from '../store/port.ts'

/** With any of these, sessions come in pages, in the order of their ids; but for `of`. */
export interface WhoOptions {
  /** Those that have ended or were not heard of for a day too, as long as they are kept: 30 days. */
  readonly all?: boolean
  /** Only those in this state. */
  readonly state?: SessionState
  /** So many: 50 unless told, 500 at most. */
  readonly limit?: number
  /** The `next` of the page before: any session's id is a place. */
  readonly after?: string
  /** Only this session, in whatever state; the rest says nothing then. */
  readonly of?: string
}

export interface Who {
  /** The sessions that are registered or hold live claims. */
  readonly sessions: readonly SeenSession[]
  /** Where the next page goes on; none on the last one, and where nobody asked for pages. */
  readonly next?: string
  /** The database's now that they were read at. */
  readonly asOf: Date
  /** Where others hold what I hold. */
  readonly coClaims: readonly CoClaim[]
}

/** Who is on the board, and what each holds, the latest heard of first. */
export async function who(store: Store, sessionId: string, deadline: Deadline): Promise<Who> {
  const registered = await store.sessions({ which: 'there' }, deadline)
  const snapshot = await store.read({ whole: true }, sessionId, deadline)
  return {
    sessions: sessionsIn(snapshot, registered),
    asOf: snapshot.asOf,
    coClaims: standingOf(snapshot, sessionId).coClaims,
  }
}
