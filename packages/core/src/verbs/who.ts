import type { CallContext } from '../calls/context.ts'
import { type Deadline, ownWork } from '../deadline.ts'
import { type SeenSession, type SessionState, sessionsIn } from '../domain/seen.ts'
import { type CoClaim, standingOf } from '../domain/standing.ts'
import type { Store } from '../store/port.ts'

/** With any of these options except `of`, sessions come in pages, sorted by id. */
export interface WhoOptions {
  /** Also sessions that have ended or were not seen for a day. They are kept for 30 days. */
  readonly all?: boolean
  /** Only sessions in this state. */
  readonly state?: SessionState
  /**
   * The number of sessions per page, at most 500.
   * @default 50
   */
  readonly limit?: number
  /** The `next` of the previous page. Any session's id is valid. */
  readonly after?: string
  /** Only this session, in any state. The other options are then ignored. */
  readonly of?: string
}

export interface Who {
  /** The sessions that are registered or hold live claims. */
  readonly sessions: readonly SeenSession[]
  /** The cursor of the next page. Absent on the last page, and if no page was requested. */
  readonly next?: string
  /** The database's time at the read. */
  readonly asOf: Date
  /** The labels of this session that other sessions also hold. */
  readonly coClaims: readonly CoClaim[]
}

/** Lists the sessions on the board and what each holds, the last seen first. */
async function who(store: Store, sessionId: string, deadline: Deadline): Promise<Who> {
  const registered = await store.sessions({ which: 'there' }, deadline)
  const snapshot = await store.read({ whole: true }, sessionId, deadline)
  return {
    sessions: sessionsIn(snapshot, registered),
    asOf: snapshot.asOf,
    coClaims: standingOf(snapshot, sessionId).coClaims,
  }
}

/** The call `who`. A page or one session is rarely asked for, so its code is loaded only then. */
export async function whoCall({ store, session, deadline }: CallContext, options: WhoOptions): Promise<Who> {
  if (Object.values(options).every(option => option === undefined || option === false))
    return who(store, session.id, deadline())
  const { whoAmong } = await ownWork(() => import('./who-among.ts'))
  return whoAmong(store, session.id, options, deadline())
}
