import { LAPSED_SHOWN_MAX, LIVE_COUNTED_MAX } from '../../../domain/limits.ts'
import { type AroundSql, aroundSql, LATEST_SEARCHED } from '../../around.ts'
import { AUTOMATIC_COLUMNS, CLAIM_COLUMNS, NOT_QUIET } from '../../columns.ts'
import { listOf } from '../../list-of.ts'
import type { Scope } from '../../port/store.ts'
import type { Values } from '../../sql/database.ts'
import { A_DAY_AGO, NOW, readable, TIME_MAX } from './terms.ts'

const NOT_ENDED = `NULL AS ended, NULL AS ended_at, NULL AS ended_by, NULL AS note, ${NOW} AS read_at`

const claimColumns = (table: string) =>
  `${CLAIM_COLUMNS.map(column => readable(table, column)).join(', ')}, NULL AS token,
   ${AUTOMATIC_COLUMNS.map(column => `${table}.${column}`).join(', ')}, ${NOT_ENDED}`

const NOT_AUTOMATIC = AUTOMATIC_COLUMNS.map(column => `NULL AS ${column}`).join(', ')

/**
 * Selects, in the columns of a claim, a row of a table that has no `lapsed_at`.
 *
 * @param lapsedAt the SQL to select as `lapsed_at`
 */
const asClaim = (table: string, lapsedAt = 'NULL') =>
  `${CLAIM_COLUMNS.map(column => (column === 'lapsed_at' ? `${lapsedAt} AS lapsed_at` : readable(table, column))).join(', ')},
   ${table}.token, ${NOT_AUTOMATIC}`

const lockColumns = (table: string) =>
  `${asClaim(table, `MIN(${table}.active_at, ${TIME_MAX})`)}, ${NOT_ENDED}`

/**
 * The session's claims, live or lapsed, and the live claims on the same labels. CROSS JOIN keeps that order
 * of look-ups.
 */
const beside = (mine: string, other: string, columns: string) => `
  SELECT ${columns}
  FROM ${mine} AS mine CROSS JOIN ${other} AS other ON other.resource_label = mine.resource_label
  WHERE mine.session_id = :session_id AND (other.session_id = :session_id OR other.expires_at > ${NOW})`

const CLAIMS = `SELECT ${claimColumns('presence_claims')} FROM presence_claims`
/**
 * A tentative claim is visible only to a claim of the same label (`:held`, if any) or of one around it, because no
 * session was told of it.
 */
const IS_TOLD = `(tentative = 0 OR (presence_locks.resource_label = :held AND presence_locks.expires_at > ${NOW}))`
const LOCKS = `SELECT ${lockColumns('presence_locks')} FROM presence_locks
  WHERE session_id IS NOT NULL AND ${IS_TOLD}`
const ANY_LOCKS = `SELECT ${lockColumns('presence_locks')} FROM presence_locks WHERE session_id IS NOT NULL`
const ENDED = `SELECT ${asClaim('presence_ended')}, ended, ended_at, ended_by, note, ${NOW} AS read_at
  FROM presence_ended WHERE ended_at > ${A_DAY_AGO}`

const LIVE = `${CLAIMS} WHERE expires_at > ${NOW}`
const OWN = `${CLAIMS} WHERE session_id = :session_id`
const OWN_LOCKS = `${LOCKS} AND session_id = :session_id AND expires_at > ${A_DAY_AGO}`
const OWN_ENDED = `${ENDED} AND session_id = :session_id`

/** Live and lapsed exclusive claims. There is at most one row per label. */
const HELD = `${LOCKS} AND expires_at > ${A_DAY_AGO}`

const union = (...parts: readonly string[]) => parts.join(' UNION ALL ')

/** The latest lapsed claims. Limited, because there may be any number. */
const lapsed = (where: string) =>
  `SELECT * FROM (${CLAIMS}
     WHERE presence_claims.expires_at <= ${NOW} AND presence_claims.expires_at > ${A_DAY_AGO} AND ${NOT_QUIET}${where}
     ORDER BY presence_claims.expires_at DESC LIMIT ${LAPSED_SHOWN_MAX + 1})`

/** The session's own ended claims, and the latest expired claims that another claim has replaced. */
const ended = (where: string) =>
  union(
    `${ENDED} AND session_id = :session_id`,
    `SELECT * FROM (${ENDED} AND ended = 'expired'${where} ORDER BY presence_ended.ended_at DESC LIMIT ${LAPSED_SHOWN_MAX + 1})`,
  )

const BESIDE = [
  beside('presence_claims', 'presence_claims', claimColumns('other')),
  `${beside('presence_claims', 'presence_locks', lockColumns('other'))} AND other.session_id IS NOT NULL
   AND (other.tentative = 0 OR other.resource_label = :held)`,
  beside('presence_locks', 'presence_claims', claimColumns('other')),
  OWN_LOCKS,
]

const inLabels = (where: string) =>
  union(`${LIVE} ${where}`, lapsed(` ${where}`), `${HELD} ${where}`, ended(` ${where}`), ...BESIDE)

/** The live claims on the labels of the session's claims that ended without a release. */
const ENDED_AT = `mine.ended_at > ${A_DAY_AGO}`
const BESIDE_ENDED = union(
  `${beside('presence_ended', 'presence_claims', claimColumns('other'))} AND ${ENDED_AT}`,
  `${beside('presence_ended', 'presence_locks', lockColumns('other'))} AND ${ENDED_AT}
   AND other.session_id IS NOT NULL AND (other.tentative = 0 OR other.resource_label = :held)`,
)

const STANDING = union(...BESIDE, OWN_ENDED)

// All live claims are included, so only the session's own claims that aren't live are missing.
const WHOLE = union(LIVE, lapsed(''), HELD, ended(''), OWN)

/**
 * Uses the index on the expiry: the sessions seen last come first, and the rest of a full board isn't read.
 */
const latest = (claims: string, table: string) =>
  `SELECT * FROM (${claims} ORDER BY ${table}.expires_at DESC LIMIT :rows)`
const LATEST = union(
  latest(LIVE.replace('WHERE expires_at', 'WHERE presence_claims.expires_at'), 'presence_claims'),
  latest(HELD, 'presence_locks'),
  lapsed(''),
  ended(''),
  ...BESIDE,
)

const counted = (table: string, where: string) =>
  `(SELECT COUNT(*) FROM (SELECT 1 FROM ${table} WHERE ${where} LIMIT ${LIVE_COUNTED_MAX}))`
export const COUNT_LIVE = `SELECT ${counted('presence_claims', `expires_at > ${NOW}`)}
  + ${counted('presence_locks', `session_id IS NOT NULL AND tentative = 0 AND expires_at > ${NOW}`)} AS live`

/**
 * The live claims of other sessions on labels around those asked for: see `aroundSql`.
 *
 * @param locks the exclusive ones to search
 */
const nearby = ({ where, latest }: AroundSql, locks = LOCKS) => [
  `${LIVE} AND session_id <> :session_id AND ${where}`,
  `${locks} AND presence_locks.expires_at > ${NOW} AND session_id <> :session_id AND ${where}`,
  ...(latest === undefined
    ? []
    : [
        `SELECT ${claimColumns('late')} FROM ${late('presence_claims')} AND ${latest}`,
        `SELECT ${lockColumns('late')} FROM ${late('presence_locks')} AND late.session_id IS NOT NULL
         AND late.tentative = 0 AND ${latest}`,
      ]),
]

/** The claims of other sessions among the latest of a table: the index on the expiry finds these. */
const late = (table: string) =>
  `(SELECT * FROM ${table} WHERE expires_at > ${NOW} ORDER BY expires_at DESC LIMIT ${LATEST_SEARCHED}) AS late
   WHERE late.session_id <> :session_id`

/**
 * Builds the statement for one read, and its named values. With UNION ALL, a row that several parts find is
 * returned several times; the reader keeps one of them. UNION would merge whole indexes (measured with
 * 100,000 expired rows: 21 times as long as with none).
 */
export function readSql(scope: Scope, sessionId: string): { readonly sql: string; readonly values: Values } {
  const values = { session_id: sessionId, held: 'held' in scope ? scope.held : null }
  const written = 'held' in scope ? [scope.held] : 'guarded' in scope ? scope.guarded : undefined
  if (written) {
    const labels = listOf('label', written)
    const near = aroundSql(written)
    const on = inLabels(`AND resource_label IN (${labels.sql})`).replaceAll('= :held', `IN (${labels.sql})`)
    // Of two sessions that take overlapping labels exclusively at once, each is tentative when the other reads.
    const sql = union(on, ...nearby(near, ANY_LOCKS))
    return { sql, values: { ...values, ...labels.values, ...near.values } }
  }
  if ('latest' in scope) return { sql: LATEST, values: { ...values, rows: scope.latest } }
  if ('ended' in scope) return { sql: BESIDE_ENDED, values }
  if ('mine' in scope) return { sql: STANDING, values }
  if ('label' in scope) {
    const sql = inLabels('AND resource_label = :label')
    const label = { ...values, label: scope.label }
    if (!scope.near) return { sql, values: label }
    const near = aroundSql([scope.label])
    return { sql: union(sql, ...nearby(near)), values: { ...label, ...near.values } }
  }
  // ';' follows ':' in every collation here, so a kind is a range of labels; LIKE would scan.
  if ('kind' in scope)
    return {
      sql: inLabels('AND resource_label >= :first AND resource_label < :past'),
      values: { ...values, first: `${scope.kind}:`, past: `${scope.kind};` },
    }
  return { sql: WHOLE, values }
}
