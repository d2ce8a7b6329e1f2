import { LAPSED_KEPT_SECONDS, SESSION_KEPT_SECONDS } from '../../domain/limits.ts'
import { CLAIM_COLUMNS, SESSION_COLUMNS } from '../columns.ts'
import type { Scope } from '../port.ts'
import { fill } from './literal.ts'

/** Never NOW(): that follows the server's zone. One value throughout a statement. */
const NOW = 'UTC_TIMESTAMP(3)'

/** When a queued operation was said, in the database's time: never in the future. */
const THEN = `LEAST(CAST(:said_at AS DATETIME(3)), ${NOW})`

/** DATE_ADD, for `x + INTERVAL` drops the milliseconds on Dolt. */
const after = (seconds: string, moment = NOW) => `DATE_ADD(${moment}, INTERVAL ${seconds} SECOND)`

/** True on a board whose schema is the one that this code was written for. */
const AT_SCHEMA = '(SELECT MAX(version) FROM presence_migrations) = :schema_version'

/**
 * A row is written only on a board of this code's schema: 0 affected rows means another schema, and nothing written.
 * SELECT rather than VALUES carries that condition; Dolt then has no VALUES() in the update, hence the repeated values.
 * `expires_at` is assigned last, since MySQL assigns from left to right.
 */
const put = (said: string) => `
  INSERT INTO presence_claims
    (session_id, resource_label, purpose, claimed_at, expires_at, host, user, agent_name, ttl_seconds, repo, branch, worktree)
  SELECT :session_id, :resource_label, :purpose, ${said}, ${after(':ttl_seconds', said)}, :host, :user, :agent_name, :ttl_seconds,
    :repo, :branch, :worktree
  FROM (SELECT MAX(version) AS version FROM presence_migrations) AS board WHERE board.version = :schema_version
  ON DUPLICATE KEY UPDATE
    purpose = :purpose, host = :host, user = :user, agent_name = :agent_name, ttl_seconds = :ttl_seconds,
    repo = :repo, branch = :branch, worktree = :worktree,
    lapsed_at = IF(presence_claims.expires_at > ${said}, presence_claims.lapsed_at, presence_claims.expires_at),
    claimed_at = IF(presence_claims.expires_at > ${said}, presence_claims.claimed_at, ${said}),
    expires_at = GREATEST(presence_claims.expires_at, ${after(':ttl_seconds', said)})`

const extend = (said: string) => `
  UPDATE presence_claims SET expires_at = GREATEST(expires_at, ${after('ttl_seconds', said)})
  WHERE session_id = :session_id AND expires_at > ${said} AND ${AT_SCHEMA}`

const REMOVE = `DELETE FROM presence_claims WHERE session_id = :session_id AND ${AT_SCHEMA}`

const PRUNE = `
  DELETE FROM presence_claims WHERE expires_at < ${after(`-${LAPSED_KEPT_SECONDS}`)} AND ${AT_SCHEMA}
  ORDER BY expires_at LIMIT :rows`

/** The database's now and schema, for a read that found no row to carry them. */
export const HEADER = `SELECT ${NOW} AS read_at, (SELECT MAX(version) FROM presence_migrations) AS schema_version`

/** The database's now and schema, with every row. */
const HEADER_COLUMNS = `${NOW} AS read_at, (SELECT MAX(version) FROM presence_migrations) AS schema_version`

const columnsOf = (table: string) =>
  `${CLAIM_COLUMNS.map(column => `${table}.${column}`).join(', ')}, CAST(NULL AS SIGNED) AS token, ${HEADER_COLUMNS}`

/** A lock as a claim. */
const lockColumnsOf = (table: string) =>
  `${CLAIM_COLUMNS.map(column =>
    column === 'lapsed_at' ? 'CAST(NULL AS DATETIME(3)) AS lapsed_at' : `${table}.${column}`,
  ).join(', ')}, ${table}.token, ${HEADER_COLUMNS}`

/**
 * The session's claims, live or lapsed, and the live ones beside them. The hint names the order of look-ups: without
 * it Dolt merges two whole indexes (measured with 100,000 rows: 320 ms against 1). Other engines read it as a comment.
 */
const beside = (mine: string, other: string, columns: string) => `
  SELECT /*+ JOIN_ORDER(mine, other) LOOKUP_JOIN(mine, other) */ ${columns}
  FROM ${mine} AS mine JOIN ${other} AS other ON other.resource_label = mine.resource_label
  WHERE mine.session_id = :session_id AND (other.session_id = mine.session_id OR other.expires_at > ${NOW})`

const LIVE = `SELECT ${columnsOf('presence_claims')} FROM presence_claims WHERE expires_at > ${NOW}`
const OWN = `SELECT ${columnsOf('presence_claims')} FROM presence_claims WHERE session_id = :session_id`
const HELD = `SELECT ${lockColumnsOf('presence_locks')} FROM presence_locks
  WHERE session_id IS NOT NULL AND expires_at > ${NOW}`
// A row of these is never deleted: what lapsed is told for as long as that of a shared claim.
const OWN_LOCKS = `SELECT ${lockColumnsOf('presence_locks')} FROM presence_locks
  WHERE session_id = :session_id AND expires_at > ${after(`-${LAPSED_KEPT_SECONDS}`)}`

const STANDING = [
  beside('presence_claims', 'presence_claims', columnsOf('other')),
  `${beside('presence_claims', 'presence_locks', lockColumnsOf('other'))} AND other.session_id IS NOT NULL`,
  beside('presence_locks', 'presence_claims', columnsOf('other')),
  OWN_LOCKS,
].join(' UNION ALL ')

/** The row of a label's lock is made once, free, and then only updated. */
const TAKE = `
  UPDATE presence_locks SET
    nonce = :nonce, token = token + 1, session_id = :session_id, purpose = :purpose, claimed_at = ${NOW},
    expires_at = ${after(':ttl_seconds')}, ttl_seconds = :ttl_seconds, host = :host, user = :user,
    agent_name = :agent_name, repo = :repo, branch = :branch, worktree = :worktree
  WHERE resource_label = :resource_label AND (session_id IS NULL OR expires_at <= ${NOW}) AND ${AT_SCHEMA}`

const MAKE_LOCK = `
  INSERT IGNORE INTO presence_locks (resource_label, token, nonce, expires_at, ttl_seconds)
  SELECT :resource_label, 0, :nonce, ${NOW}, 0
  FROM (SELECT MAX(version) AS version FROM presence_migrations) AS board WHERE board.version = :schema_version`

type Values = Readonly<Record<string, string | number | null>>

export const putSql = (values: Values) => fill(put(NOW), values)
export const extendSql = (values: Values) => fill(extend(NOW), values)
export const takeSql = (values: Values) => fill(TAKE, values)
export const makeLockSql = (values: Values) => fill(MAKE_LOCK, values)
export const lockSql = (label: string) =>
  fill(`SELECT *, ${HEADER_COLUMNS} FROM presence_locks WHERE resource_label = :label`, { label })
export const extendLocksSql = (values: Values) =>
  fill(
    `UPDATE presence_locks SET nonce = UUID(), expires_at = GREATEST(expires_at, ${after('ttl_seconds')})
     WHERE session_id = :session_id AND expires_at > ${NOW} AND ${AT_SCHEMA}
     ${'token' in values ? 'AND resource_label = :resource_label AND token = :token' : ''}`,
    values,
  )
const FREE = `UPDATE presence_locks SET nonce = UUID(), session_id = NULL, expires_at = LEAST(expires_at, ${NOW})`
export const freeSql = (values: Values) =>
  fill(
    `${FREE} WHERE session_id = :session_id AND ${AT_SCHEMA}
     ${'resource_label' in values ? 'AND resource_label = :resource_label' : ''}
     ${'token' in values ? 'AND token = :token' : ''}`,
    values,
  )
export const withdrawSql = (values: Values) =>
  fill(`${FREE} WHERE resource_label = :resource_label AND nonce = :nonce AND ${AT_SCHEMA}`, values)
export const pruneSql = (values: Values) => fill(PRUNE, values)

/** Notes a queued operation as done; 0 affected rows say that it was done before, or that the schema is another one. */
export const noteReplaySql = (values: Values) =>
  fill(
    `INSERT IGNORE INTO presence_replays (operation_id, replayed_at) SELECT :operation_id, ${NOW}
     FROM (SELECT MAX(version) AS version FROM presence_migrations) AS board WHERE board.version = :schema_version`,
    values,
  )

/** A session that comes back after its end begins anew; one that is there is heard of now. */
const REGISTER = `
  INSERT INTO presence_sessions
    (session_id, host, user, agent_name, repo, branch, worktree, started_at, last_heartbeat)
  SELECT :session_id, :host, :user, :agent_name, :repo, :branch, :worktree, ${NOW}, ${NOW}
  FROM (SELECT MAX(version) AS version FROM presence_migrations) AS board WHERE board.version = :schema_version
  ON DUPLICATE KEY UPDATE
    host = :host, user = :user, agent_name = :agent_name, repo = :repo, branch = :branch, worktree = :worktree,
    started_at = IF(presence_sessions.ended_at IS NULL, presence_sessions.started_at, ${NOW}),
    last_heartbeat = ${NOW}, ended_at = NULL`

export const registerSql = (values: Values) => fill(REGISTER, values)

/** One that had ended is heard of again: it lives. */
export const touchSql = (values: Values) =>
  fill(
    `UPDATE presence_sessions SET last_heartbeat = GREATEST(last_heartbeat, ${NOW}), ended_at = NULL
     WHERE session_id = :session_id AND ${AT_SCHEMA}`,
    values,
  )

export const endSql = (values: Values) =>
  fill(
    `UPDATE presence_sessions SET ended_at = ${NOW} WHERE session_id = :session_id AND ended_at IS NULL AND ${AT_SCHEMA}`,
    values,
  )

export const sessionsSql = () =>
  `SELECT ${SESSION_COLUMNS.join(', ')}, ${NOW} AS read_at,
     (SELECT MAX(version) FROM presence_migrations) AS schema_version
   FROM presence_sessions WHERE last_heartbeat > ${after(`-${LAPSED_KEPT_SECONDS}`)} AND ended_at IS NULL`

export const forgetSessionsSql = (values: Values) =>
  fill(
    `DELETE FROM presence_sessions WHERE last_heartbeat < ${after(`-${SESSION_KEPT_SECONDS}`)} AND ${AT_SCHEMA}
     ORDER BY last_heartbeat LIMIT :rows`,
    values,
  )

export const forgetReplaysSql = () =>
  `DELETE FROM presence_replays WHERE replayed_at < ${after(`-${LAPSED_KEPT_SECONDS}`)}`

/** What was said before: of what was released then, claims made since are left alone. */
export const replaySql = {
  claim: (values: Values) => fill(put(THEN), values),
  heartbeat: (values: Values) => fill(extend(THEN), values),
  release: (values: Values) =>
    fill(
      `DELETE FROM presence_claims WHERE session_id = :session_id AND claimed_at <= ${THEN} AND ${AT_SCHEMA}
       ${'resource_label' in values ? 'AND resource_label = :resource_label' : ''}`,
      values,
    ),
}

export const forgetLapsesSql = (values: Values) =>
  fill(
    `UPDATE presence_claims SET lapsed_at = NULL
     WHERE session_id = :session_id AND expires_at > ${NOW} AND ${AT_SCHEMA}`,
    values,
  )

/** All of the session's claims, or the one on a label that is given. */
export const removeSql = (values: Values) =>
  fill('resource_label' in values ? `${REMOVE} AND resource_label = :resource_label` : REMOVE, values)

/** The statement for one read. UNION ALL: what several parts found comes several times, and the reader keeps one. */
export function readSql(scope: Scope, sessionId: string): string {
  const values = { session_id: sessionId }
  if ('mine' in scope) return fill(STANDING, values)
  if ('label' in scope)
    return fill(inLabels('resource_label = :label'), { ...values, label: scope.label.text })
  // ';' follows ':': a range, where LIKE would scan and Dolt would lose names beyond U+00FF.
  if ('kind' in scope)
    return fill(inLabels('resource_label >= :first AND resource_label < :past'), {
      ...values,
      first: `${scope.kind}:`,
      past: `${scope.kind};`,
    })
  // Every live claim is among the live ones, whatever it stands beside: only what is mine and lapsed is missing.
  return fill([LIVE, HELD, OWN, OWN_LOCKS].join(' UNION ALL '), values)
}

const inLabels = (where: string) =>
  `${LIVE} AND ${where} UNION ALL ${HELD} AND ${where} UNION ALL ${STANDING}`
