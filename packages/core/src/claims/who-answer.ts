import type { SeenSession, SessionState } from '../domain/seen.ts'
import type { CoClaim } from '../domain/standing.ts'

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
