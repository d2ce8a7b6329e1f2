import { LAPSED_KEPT_SECONDS, SESSION_KEPT_SECONDS } from '../../domain/limits.ts'
import { CLAIM_COLUMNS, SESSION_COLUMNS } from '../columns.ts'
import type { Scope } from '../port.ts'

/** Milliseconds since 1970, the same throughout one statement. Rounded: the product of a fraction truncates to 1 ms less. */
export const NOW = `CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)`

/** When a queued operation was said, in the database's time: never in the future. */
const THEN = `MIN(:said_at, ${NOW})`

/** In an upsert, a bare column is the row as it stands and `excluded` the one that comes. */
const put = (said: string) => `
  INSERT INTO presence_claims
    (session_id, resource_label, purpose, claimed_at, expires_at, host, user, agent_name, ttl_seconds, repo, branch, worktree)
  VALUES (:session_id, :resource_label, :purpose, ${said}, ${said} + :ttl_seconds * 1000, :host, :user, :agent_name, :ttl_seconds,
    :repo, :branch, :worktree)
  ON CONFLICT (session_id, resource_label) DO UPDATE SET
    purpose = excluded.purpose, host = excluded.host, user = excluded.user,
    agent_name = excluded.agent_name, ttl_seconds = excluded.ttl_seconds,
    repo = excluded.repo, branch = excluded.branch, worktree = excluded.worktree,
    lapsed_at = IIF(expires_at > excluded.claimed_at, lapsed_at, expires_at),
    claimed_at = IIF(expires_at > excluded.claimed_at, claimed_at, excluded.claimed_at),
    expires_at = MAX(expires_at, excluded.expires_at)`

const extend = (said: string) => `
  UPDATE presence_claims SET expires_at = MAX(expires_at, ${said} + ttl_seconds * 1000)
  WHERE session_id = :session_id AND expires_at > ${said}`

export const PUT = put(NOW)
export const EXTEND = extend(NOW)

/** Notes a queued operation as done; no change says that it was done before. */
export const NOTE_REPLAY = `INSERT OR IGNORE INTO presence_replays (operation_id, replayed_at) VALUES (:operation_id, ${NOW})`
export const FORGET_REPLAYS = `DELETE FROM presence_replays WHERE replayed_at < ${NOW} - ${LAPSED_KEPT_SECONDS * 1000}`

/** A session that comes back after its end begins anew; one that is there is heard of now. */
export const REGISTER = `
  INSERT INTO presence_sessions
    (session_id, host, user, agent_name, repo, branch, worktree, started_at, last_heartbeat)
  VALUES (:session_id, :host, :user, :agent_name, :repo, :branch, :worktree, ${NOW}, ${NOW})
  ON CONFLICT (session_id) DO UPDATE SET
    host = excluded.host, user = excluded.user, agent_name = excluded.agent_name,
    repo = excluded.repo, branch = excluded.branch, worktree = excluded.worktree,
    started_at = IIF(ended_at IS NULL, started_at, excluded.started_at),
    last_heartbeat = excluded.last_heartbeat, ended_at = NULL`

/** One that had ended is heard of again: it lives. */
export const TOUCH = `
  UPDATE presence_sessions SET last_heartbeat = MAX(last_heartbeat, ${NOW}), ended_at = NULL
  WHERE session_id = :session_id`
export const END = `UPDATE presence_sessions SET ended_at = ${NOW} WHERE session_id = :session_id AND ended_at IS NULL`
export const SESSIONS = `
  SELECT ${SESSION_COLUMNS.join(', ')} FROM presence_sessions
  WHERE last_heartbeat > ${NOW} - ${LAPSED_KEPT_SECONDS * 1000} AND ended_at IS NULL`
export const FORGET_SESSIONS = `
  DELETE FROM presence_sessions WHERE rowid IN (
    SELECT rowid FROM presence_sessions WHERE last_heartbeat < ${NOW} - ${SESSION_KEPT_SECONDS * 1000}
    ORDER BY last_heartbeat LIMIT :rows)`

/** What was said before: of what was released then, claims made since are left alone. */
export const REPLAY = {
  claim: put(THEN),
  heartbeat: extend(THEN),
  release: `DELETE FROM presence_claims WHERE session_id = :session_id AND claimed_at <= ${THEN}
    AND (:resource_label IS NULL OR resource_label = :resource_label)`,
}

export const FORGET_LAPSES = `
  UPDATE presence_claims SET lapsed_at = NULL WHERE session_id = :session_id AND expires_at > ${NOW}`

/** All of the session's claims, or the one on a label that is given. */
export const REMOVE = `
  DELETE FROM presence_claims
  WHERE session_id = :session_id AND (:resource_label IS NULL OR resource_label = :resource_label)`

export const PRUNE = `
  DELETE FROM presence_claims WHERE rowid IN (
    SELECT rowid FROM presence_claims WHERE expires_at < ${NOW} - ${LAPSED_KEPT_SECONDS * 1000}
    ORDER BY expires_at LIMIT :rows)`

/** The end of the year 9999: what lies behind it is no time, and a number that the driver may refuse to read. */
const TIME_MAX = 253_402_300_799_000

const timed = (table: string, column: string) =>
  column.endsWith('_at') ? `MIN(${table}.${column}, ${TIME_MAX}) AS ${column}` : `${table}.${column}`

const columnsOf = (table: string) =>
  `${CLAIM_COLUMNS.map(column => timed(table, column)).join(', ')}, NULL AS token, ${NOW} AS read_at`

/** A lock as a claim. */
const lockColumnsOf = (table: string) =>
  `${CLAIM_COLUMNS.map(column => (column === 'lapsed_at' ? 'NULL AS lapsed_at' : timed(table, column))).join(
    ', ',
  )}, ${table}.token, ${NOW} AS read_at`

/** The session's claims, live or lapsed, and the live ones beside them. CROSS JOIN keeps that order of look-ups. */
const beside = (mine: string, other: string, columns: string) => `
  SELECT ${columns}
  FROM ${mine} AS mine CROSS JOIN ${other} AS other ON other.resource_label = mine.resource_label
  WHERE mine.session_id = :session_id AND (other.session_id = :session_id OR other.expires_at > ${NOW})`

const LIVE = `SELECT ${columnsOf('presence_claims')} FROM presence_claims WHERE expires_at > ${NOW}`
const OWN = `SELECT ${columnsOf('presence_claims')} FROM presence_claims WHERE session_id = :session_id`
const HELD = `SELECT ${lockColumnsOf('presence_locks')} FROM presence_locks
  WHERE session_id IS NOT NULL AND expires_at > ${NOW}`
// A row of these is never deleted: what lapsed is told for as long as that of a shared claim.
const OWN_LOCKS = `SELECT ${lockColumnsOf('presence_locks')} FROM presence_locks
  WHERE session_id = :session_id AND expires_at > ${NOW} - ${LAPSED_KEPT_SECONDS * 1000}`

const STANDING = [
  beside('presence_claims', 'presence_claims', columnsOf('other')),
  `${beside('presence_claims', 'presence_locks', lockColumnsOf('other'))} AND other.session_id IS NOT NULL`,
  beside('presence_locks', 'presence_claims', columnsOf('other')),
  OWN_LOCKS,
].join(' UNION ALL ')

const LEAVE = `nonce = lower(hex(randomblob(16))), session_id = NULL, expires_at = MIN(expires_at, ${NOW})`

/** The row of a label's lock is made once, free, and then only updated. */
export const MAKE_LOCK = `
  INSERT OR IGNORE INTO presence_locks (resource_label, token, nonce, expires_at, ttl_seconds)
  VALUES (:resource_label, 0, :nonce, ${NOW}, 0)`
export const TAKE = `
  UPDATE presence_locks SET
    nonce = :nonce, token = token + 1, session_id = :session_id, purpose = :purpose, claimed_at = ${NOW},
    expires_at = ${NOW} + :ttl_seconds * 1000, ttl_seconds = :ttl_seconds, host = :host, user = :user,
    agent_name = :agent_name, repo = :repo, branch = :branch, worktree = :worktree
  WHERE resource_label = :resource_label AND (session_id IS NULL OR expires_at <= ${NOW})`
export const LOCK = `SELECT *, ${NOW} AS read_at FROM presence_locks WHERE resource_label = :label`
export const EXTEND_LOCKS = `
  UPDATE presence_locks SET
    nonce = lower(hex(randomblob(16))), expires_at = MAX(expires_at, ${NOW} + ttl_seconds * 1000)
  WHERE session_id = :session_id AND expires_at > ${NOW}
    AND (:resource_label IS NULL OR (resource_label = :resource_label AND token = :token))`
export const FREE = `
  UPDATE presence_locks SET ${LEAVE}
  WHERE session_id = :session_id AND (:resource_label IS NULL OR resource_label = :resource_label)
    AND (:token IS NULL OR token = :token)`
export const WITHDRAW = `UPDATE presence_locks SET ${LEAVE} WHERE resource_label = :resource_label AND nonce = :nonce`

const inLabels = (where: string) =>
  `${LIVE} AND ${where} UNION ALL ${HELD} AND ${where} UNION ALL ${STANDING}`

/**
 * The statement for one read, and its named values. UNION ALL: what several parts found comes several times, and the reader
 * keeps one. UNION would merge whole indexes (measured with 100,000 expired rows: 21 times as long as with none).
 */
export function readSql(scope: Scope, sessionId: string): { sql: string; values: Record<string, string> } {
  const values = { session_id: sessionId }
  if ('mine' in scope) return { sql: STANDING, values }
  if ('label' in scope)
    return { sql: inLabels('resource_label = :label'), values: { ...values, label: scope.label.text } }
  // ';' follows ':' in every collation here: a range, where LIKE would scan.
  if ('kind' in scope)
    return {
      sql: inLabels('resource_label >= :first AND resource_label < :past'),
      values: { ...values, first: `${scope.kind}:`, past: `${scope.kind};` },
    }
  // Every live claim is among the live ones, whatever it stands beside: only what is mine and lapsed is missing.
  return { sql: [LIVE, HELD, OWN, OWN_LOCKS].join(' UNION ALL '), values }
}
