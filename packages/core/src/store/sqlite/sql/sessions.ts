import { SESSION_KEPT_SECONDS } from '../../../domain/limits.ts'
import { SESSION_COLUMNS } from '../../columns.ts'
import type { SessionFilter } from '../../port.ts'
import { oldest } from './claims.ts'
import { A_DAY_AGO, NOW } from './terms.ts'

/** A session that comes back after its end begins anew; one that is there is heard of now. */
export const REGISTER = `
  INSERT INTO presence_sessions
    (session_id, host, user, agent_name, repo, branch, worktree, role, started_at, last_heartbeat)
  VALUES (:session_id, :host, :user, :agent_name, :repo, :branch, :worktree, :role, ${NOW}, ${NOW})
  ON CONFLICT (session_id) DO UPDATE SET
    host = excluded.host, user = excluded.user, agent_name = excluded.agent_name,
    repo = excluded.repo, branch = excluded.branch, worktree = excluded.worktree, role = excluded.role,
    started_at = IIF(ended_at IS NULL, started_at, excluded.started_at),
    last_heartbeat = excluded.last_heartbeat, ended_at = NULL`

/** One that had ended is heard of again: it lives. */
export const TOUCH = `
  UPDATE presence_sessions SET last_heartbeat = MAX(last_heartbeat, ${NOW}), ended_at = NULL
  WHERE session_id = :session_id`
export const END = `UPDATE presence_sessions SET ended_at = ${NOW} WHERE session_id = :session_id AND ended_at IS NULL`

const KEPT = `last_heartbeat > ${NOW} - ${SESSION_KEPT_SECONDS * 1000}`
const HOLDS_NOTHING = `session_id NOT IN (SELECT session_id FROM presence_claims WHERE expires_at > ${NOW})
  AND session_id NOT IN (SELECT session_id FROM presence_locks WHERE session_id IS NOT NULL AND expires_at > ${NOW})`
const IS: Readonly<Record<SessionFilter['which'], string>> = {
  there: `last_heartbeat > ${A_DAY_AGO} AND ended_at IS NULL`,
  gone: `${KEPT} AND (last_heartbeat <= ${A_DAY_AGO} OR ended_at IS NOT NULL) AND ${HOLDS_NOTHING}`,
  kept: KEPT,
}
const READ = `SELECT ${SESSION_COLUMNS.join(', ')} FROM presence_sessions`

export const sessionsSql = (which: SessionFilter['which']) => `${READ} WHERE ${IS[which]}`
/** The ids' order is that of their code points. */
export const sessionPageSql = (which: SessionFilter['which']) =>
  `${READ} WHERE ${IS[which]} AND session_id > :after ORDER BY session_id LIMIT :rows`
export const SESSION = `${READ} WHERE session_id = :session_id AND ${KEPT}`
export const COUNT_GONE = `SELECT COUNT(*) AS gone FROM presence_sessions WHERE ${IS.gone}`

export const FORGET_SESSIONS = oldest(
  'presence_sessions',
  `last_heartbeat < ${NOW} - ${SESSION_KEPT_SECONDS * 1000}`,
  'last_heartbeat',
)
