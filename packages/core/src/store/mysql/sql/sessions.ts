import { SESSION_KEPT_SECONDS } from '../../../domain/limits.ts'
import { SESSION_COLUMNS } from '../../columns.ts'
import { A_DAY_AGO, AT_SCHEMA, after, FROM_BOARD, HEADER_COLUMNS, NOW, statement } from './terms.ts'

const READ = `SELECT ${SESSION_COLUMNS.join(', ')}, ${HEADER_COLUMNS} FROM presence_sessions`

export const sessionsSql = {
  /** A session that comes back after its end begins anew; one that is there is heard of now. */
  register: statement(`
    INSERT INTO presence_sessions
      (session_id, host, user, agent_name, repo, branch, worktree, role, started_at, last_heartbeat)
    SELECT :session_id, :host, :user, :agent_name, :repo, :branch, :worktree, :role, ${NOW}, ${NOW}
    ${FROM_BOARD}
    ON DUPLICATE KEY UPDATE
      host = :host, user = :user, agent_name = :agent_name, repo = :repo, branch = :branch, worktree = :worktree,
      role = :role,
      started_at = IF(presence_sessions.ended_at IS NULL, presence_sessions.started_at, ${NOW}),
      last_heartbeat = ${NOW}, ended_at = NULL`),
  /** One that had ended is heard of again: it lives. */
  touch: statement(
    `UPDATE presence_sessions SET last_heartbeat = GREATEST(last_heartbeat, ${NOW}), ended_at = NULL
     WHERE session_id = :session_id AND ${AT_SCHEMA}`,
  ),
  end: statement(
    `UPDATE presence_sessions SET ended_at = ${NOW} WHERE session_id = :session_id AND ended_at IS NULL AND ${AT_SCHEMA}`,
  ),
  read: `${READ} WHERE last_heartbeat > ${A_DAY_AGO} AND ended_at IS NULL`,
  readAll: `${READ} WHERE last_heartbeat > ${after(-SESSION_KEPT_SECONDS)}`,
  readOne: statement(
    `${READ} WHERE session_id = :session_id AND last_heartbeat > ${after(-SESSION_KEPT_SECONDS)}`,
  ),
  prune: statement(
    `DELETE FROM presence_sessions WHERE last_heartbeat < ${after(-SESSION_KEPT_SECONDS)} AND ${AT_SCHEMA}
     ORDER BY last_heartbeat LIMIT :rows`,
  ),
}
