import type { SeenSession, SessionState } from '../domain/seen.ts'
import type { CoClaim } from '../domain/session-view.ts'

/** The options of {@link Board.who}. With any of them except `of`, sessions come in pages, sorted by id. */
export interface WhoOptions {
  /**
   * Also sessions that have ended or were not seen for a day. They are kept for 30 days.
   * @default false
   */
  readonly all?: boolean
  /**
   * Only sessions in this state.
   * @default any state
   */
  readonly state?: SessionState
  /**
   * The number of sessions per page, at most 500.
   * @default 50
   */
  readonly limit?: number
  /**
   * The `next` of the previous page. Any session's id is valid.
   * @default the first page
   */
  readonly after?: string
  /**
   * Only the session with this id, in any state. The other options are then ignored.
   * @default all sessions
   */
  readonly of?: string
}

/** A list of sessions. */
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
