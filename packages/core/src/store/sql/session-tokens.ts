import type { Deadline } from '../../deadline.ts'
import { SESSION_FORGOTTEN_SECONDS, SESSION_KEPT_SECONDS } from '../../domain/limits.ts'
import type { Terms } from '../coordination/terms.ts'
import type { Owner, SessionTokens } from '../port/session-tokens.ts'
import type { Database } from './database.ts'

const heldSince = (time: string, id: string) => `
  EXISTS (SELECT 1 FROM presence_claims WHERE session_id = ${id} AND expires_at > ${time})
  OR EXISTS (SELECT 1 FROM presence_locks WHERE session_id = ${id} AND expires_at > ${time})`

/**
 * A session that waits holds nothing yet, and one whose claims were stolen or lapsed holds nothing any more: both are
 * there. The history doesn't count: it has a session's claims also after the session has released them.
 */
const IS_THERE = ({ now, ago }: Terms) => {
  const aDayAgo = ago(SESSION_FORGOTTEN_SECONDS)
  return `(${heldSince(aDayAgo, ':session_id')}
  OR EXISTS (SELECT 1 FROM presence_waiters WHERE session_id = :session_id AND expires_at > ${now})
  OR EXISTS (SELECT 1 FROM presence_ended WHERE session_id = :session_id AND ended_at > ${aDayAgo})
  OR EXISTS (SELECT 1 FROM presence_sessions WHERE session_id = :session_id AND ended_at IS NULL
    AND last_heartbeat > ${aDayAgo}))`
}
/** The table has only rows of one kind, so its statements are the same in both dialects. */
const TABLE = 'presence_session_tokens'

interface Row {
  readonly token: string | null
  readonly is_there: number
  readonly is_old: number | null
}

/** The tokens of sessions, in any SQL database. */
export class SqlSessionTokens implements SessionTokens {
  readonly #database: Database
  readonly #terms: Terms

  constructor(database: Database, terms: Terms) {
    this.#database = database
    this.#terms = terms
  }

  async ownerOf(sessionId: string, deadline: Deadline): Promise<Owner> {
    const { header } = this.#terms
    const isOld = `own.used_at <= ${this.#terms.ago(SESSION_FORGOTTEN_SECONDS)}`
    const sql = `SELECT own.token AS token, ${isOld} AS is_old, ${IS_THERE(this.#terms)} AS is_there, ${header}
      FROM (SELECT 1 AS one) AS asked LEFT JOIN ${TABLE} AS own ON own.session_id = :session_id`
    const [row] = await this.#database.read<Row>(sql, { session_id: sessionId }, deadline)
    if (!row) throw new TypeError('a LEFT JOIN from one row gave none')
    return {
      token: row.token ?? undefined,
      isThere: Number(row.is_there) === 1,
      isOld: Number(row.is_old) === 1,
    }
  }

  async take(sessionId: string, token: string, from: string | undefined, deadline: Deadline): Promise<void> {
    const { insertIgnore, onBoard, now, atSchema } = this.#terms
    const isThere = IS_THERE(this.#terms)
    const values = { session_id: sessionId, token, from_token: from ?? null }
    const sql =
      from === undefined
        ? `${insertIgnore} INTO ${TABLE} (session_id, token, bound_at, used_at)
           SELECT :session_id, :token, ${now}, ${now} ${onBoard} AND NOT ${isThere}`
        : `UPDATE ${TABLE} SET token = :token, bound_at = ${now}, used_at = ${now}
           WHERE session_id = :session_id AND token = :from_token AND NOT ${isThere} AND ${atSchema}`
    await this.#database.write(sql, values, deadline)
  }

  async use(sessionId: string, token: string, deadline: Deadline): Promise<void> {
    const { now, atSchema } = this.#terms
    const sql = `UPDATE ${TABLE} SET used_at = ${now}
      WHERE session_id = :session_id AND token = :token AND ${atSchema}`
    await this.#database.write(sql, { session_id: sessionId, token }, deadline)
  }
}

/** Deletes a batch of rows whose retention is over. A session with live claims keeps its token. */
export function pruneTokensSql(terms: Terms): string {
  const { now, deleteSome, ago, atSchema } = terms
  return deleteSome(
    TABLE,
    `used_at < ${ago(SESSION_KEPT_SECONDS)} AND NOT (${heldSince(now, `${TABLE}.session_id`)}) AND ${atSchema}`,
  )
}
