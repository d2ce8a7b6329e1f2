import { SESSION_KEPT_SECONDS, SESSION_STALE_SECONDS } from '../../../domain/limits.ts'
import { SESSION_COLUMNS } from '../../columns.ts'
import type { SessionFilter } from '../../port/store.ts'
import type { SessionStatements } from '../../sql/statements.ts'
import { A_DAY_AGO, AT_SCHEMA, after, FROM_BOARD, HEADER_COLUMNS, NOW } from './terms.ts'

const READ = `SELECT ${SESSION_COLUMNS.join(', ')}, ${HEADER_COLUMNS} FROM presence_sessions`
const KEPT = `last_heartbeat > ${after(-SESSION_KEPT_SECONDS)}`
/**
 * Subqueries, because a list of ids would grow with the board, and Dolt plans such a list in quadratic time.
 */
const HOLDS_NOTHING = `session_id NOT IN (SELECT session_id FROM presence_claims WHERE expires_at > ${NOW})
  AND session_id NOT IN (SELECT session_id FROM presence_locks WHERE session_id IS NOT NULL AND expires_at > ${NOW})`
const IS: Readonly<Record<SessionFilter['which'], string>> = {
  there: `last_heartbeat > ${A_DAY_AGO} AND ended_at IS NULL`,
  gone: `${KEPT} AND (last_heartbeat <= ${A_DAY_AGO} OR ended_at IS NOT NULL) AND ${HOLDS_NOTHING}`,
  kept: KEPT,
}

/** The last contact of a live session is later than this. Whole seconds count: see `domain/seen.ts`. */
const STALE_BEFORE = after(-SESSION_STALE_SECONDS - 1)
/** When a claim's session was last seen, computed as in `lastContact`. */
const SAID_BY_EXPIRY = after('-ttl_seconds', 'expires_at')
const CONTACT = `IF(${SAID_BY_EXPIRY} > ${NOW} OR ${SAID_BY_EXPIRY} < claimed_at, claimed_at, ${SAID_BY_EXPIRY})`
/**
 * One row for each contact of a session that counts as `there`, and whether that contact makes the session
 * live.
 */
const CONTACTS = `
  SELECT session_id, last_heartbeat > ${STALE_BEFORE} AS is_live FROM presence_sessions WHERE ${IS.there}
  UNION ALL SELECT session_id, ${CONTACT} > ${STALE_BEFORE} FROM presence_claims WHERE expires_at > ${NOW}
  UNION ALL SELECT session_id, IF(active_at <= ${NOW}, active_at, ${CONTACT}) > ${STALE_BEFORE} FROM presence_locks
    WHERE session_id IS NOT NULL AND tentative = 0 AND expires_at > ${NOW}`

export const sessionsSql: SessionStatements = {
  register: `
    INSERT INTO presence_sessions
      (session_id, host, user, agent_name, repo, branch, worktree, role, started_at, last_heartbeat)
    SELECT :session_id, :host, :user, :agent_name, :repo, :branch, :worktree, :role, ${NOW}, ${NOW}
    ${FROM_BOARD}
    ON DUPLICATE KEY UPDATE
      host = :host, user = :user, agent_name = :agent_name, repo = :repo, branch = :branch, worktree = :worktree,
      role = :role,
      started_at = IF(presence_sessions.ended_at IS NULL, presence_sessions.started_at, ${NOW}),
      last_heartbeat = ${NOW}, ended_at = NULL`,
  touch: `
    UPDATE presence_sessions SET last_heartbeat = GREATEST(last_heartbeat, ${NOW}), ended_at = NULL
    WHERE session_id = :session_id AND ${AT_SCHEMA}`,
  end: `UPDATE presence_sessions SET ended_at = ${NOW} WHERE session_id = :session_id AND ended_at IS NULL AND ${AT_SCHEMA}`,
  read: which => `${READ} WHERE ${IS[which]}`,
  /** The ids' collation is binary, so they are ordered by code point. */
  readPage: which => `${READ} WHERE ${IS[which]} AND session_id > :after ORDER BY session_id LIMIT :rows`,
  readOne: `${READ} WHERE session_id = :session_id AND ${KEPT}`,
  count: `
    SELECT there, live, gone, ${HEADER_COLUMNS} FROM
      (SELECT COUNT(*) AS there, COALESCE(SUM(is_live), 0) AS live FROM
        (SELECT MAX(is_live) AS is_live FROM (${CONTACTS}) AS contacts GROUP BY session_id) AS seen) AS present,
      (SELECT COUNT(*) AS gone FROM presence_sessions WHERE ${IS.gone}) AS past`,
  prune: `
    DELETE FROM presence_sessions WHERE last_heartbeat < ${after(-SESSION_KEPT_SECONDS)} AND ${AT_SCHEMA}
    ORDER BY last_heartbeat LIMIT :rows`,
}
