import { SESSION_KEPT_SECONDS, SESSION_STALE_SECONDS } from '../../../domain/limits.ts'
import { SESSION_COLUMNS } from '../../columns.ts'
import type { SessionFilter } from '../../port/store.ts'
import type { SessionStatements } from '../../sql/statements.ts'
import { A_DAY_AGO, NOW, oldest } from './terms.ts'

const KEPT = `last_heartbeat > ${NOW} - ${SESSION_KEPT_SECONDS * 1000}`
const HOLDS_NOTHING = `session_id NOT IN (SELECT session_id FROM presence_claims WHERE expires_at > ${NOW})
  AND session_id NOT IN (SELECT session_id FROM presence_locks WHERE session_id IS NOT NULL AND expires_at > ${NOW})`
const IS: Readonly<Record<SessionFilter['which'], string>> = {
  there: `last_heartbeat > ${A_DAY_AGO} AND ended_at IS NULL`,
  gone: `${KEPT} AND (last_heartbeat <= ${A_DAY_AGO} OR ended_at IS NOT NULL) AND ${HOLDS_NOTHING}`,
  kept: KEPT,
}

/** The last contact of a live session is later than this. Whole seconds count: see `domain/seen.ts`. */
const STALE_BEFORE = `${NOW} - ${(SESSION_STALE_SECONDS + 1) * 1000}`
/** When a claim's session was last seen, computed as in `lastContact`. */
const SAID_BY_EXPIRY = 'expires_at - ttl_seconds * 1000'
const CONTACT = `IIF(${SAID_BY_EXPIRY} > ${NOW} OR ${SAID_BY_EXPIRY} < claimed_at, claimed_at, ${SAID_BY_EXPIRY})`
/**
 * One row for each contact of a session that counts as `there`, and whether that contact makes the session
 * live.
 */
const CONTACTS = `
  SELECT session_id, last_heartbeat > ${STALE_BEFORE} AS is_live FROM presence_sessions WHERE ${IS.there}
  UNION ALL SELECT session_id, ${CONTACT} > ${STALE_BEFORE} FROM presence_claims WHERE expires_at > ${NOW}
  UNION ALL SELECT session_id, IIF(active_at <= ${NOW}, active_at, ${CONTACT}) > ${STALE_BEFORE} FROM presence_locks
    WHERE session_id IS NOT NULL AND tentative = 0 AND expires_at > ${NOW}`
const READ = `SELECT ${SESSION_COLUMNS.join(', ')} FROM presence_sessions`

export const sessionsSql: SessionStatements = {
  register: `
    INSERT INTO presence_sessions
      (session_id, host, user, agent_name, repo, branch, worktree, role, started_at, last_heartbeat)
    VALUES (:session_id, :host, :user, :agent_name, :repo, :branch, :worktree, :role, ${NOW}, ${NOW})
    ON CONFLICT (session_id) DO UPDATE SET
      host = excluded.host, user = excluded.user, agent_name = excluded.agent_name,
      repo = excluded.repo, branch = excluded.branch, worktree = excluded.worktree, role = excluded.role,
      started_at = IIF(ended_at IS NULL, started_at, excluded.started_at),
      last_heartbeat = excluded.last_heartbeat, ended_at = NULL`,
  touch: `
    UPDATE presence_sessions SET last_heartbeat = MAX(last_heartbeat, ${NOW}), ended_at = NULL
    WHERE session_id = :session_id`,
  end: `UPDATE presence_sessions SET ended_at = ${NOW} WHERE session_id = :session_id AND ended_at IS NULL`,
  read: which => `${READ} WHERE ${IS[which]}`,
  readPage: which => `${READ} WHERE ${IS[which]} AND session_id > :after ORDER BY session_id LIMIT :rows`,
  readOne: `${READ} WHERE session_id = :session_id AND ${KEPT}`,
  count: `SELECT there, live, gone FROM
    (SELECT COUNT(*) AS there, COALESCE(SUM(is_live), 0) AS live FROM
      (SELECT MAX(is_live) AS is_live FROM (${CONTACTS}) GROUP BY session_id)),
    (SELECT COUNT(*) AS gone FROM presence_sessions WHERE ${IS.gone})`,
  prune: oldest(
    'presence_sessions',
    `last_heartbeat < ${NOW} - ${SESSION_KEPT_SECONDS * 1000}`,
    'last_heartbeat',
  ),
}
