import { momentOf } from '../../../domain/claim.ts'
import { LAPSED_SHOWN_MAX, LIVE_COUNTED_MAX } from '../../../domain/limits.ts'
import { type AroundSql, aroundSql, LATEST_SEARCHED } from '../../around.ts'
import { AUTOMATIC_COLUMNS, CLAIM_COLUMNS, NOT_QUIET } from '../../columns.ts'
import { listOf } from '../../list-of.ts'
import type { Scope } from '../../port/store.ts'
import type { AnyRow } from '../../rows.ts'
import type { Values } from '../../sql/database.ts'
import { A_DAY_AGO, BOTH, NOW, OWN_VERSIONS } from './terms.ts'

/**
 * The columns after a claim's own: an exclusive claim's token, and how a claim ended that its session did not
 * release.
 */
const END_COLUMNS = ['ended', 'ended_at', 'ended_by', 'note'] as const
const READ_COLUMNS = [...CLAIM_COLUMNS, 'token', ...END_COLUMNS, ...AUTOMATIC_COLUMNS] as const
const TIMES: ReadonlySet<string> = new Set<keyof AnyRow>([
  'claimed_at',
  'expires_at',
  'lapsed_at',
  'ended_at',
])

/**
 * Selects a row as one value: an array in the order of `READ_COLUMNS`. Dolt takes twice as long to plan a
 * union of 18 columns as a union of one column (5.9 ms against 3.2), and the server also describes each
 * column to the driver.
 */
const asRow = (columns: readonly string[]) => `JSON_ARRAY(${columns.map(asValue).join(', ')}) AS claim`

/**
 * Dolt stores a long text outside its row and refuses it in an array ("unsupported type: *val.TextStorage"),
 * even as CHAR. CONCAT avoids that.
 */
const asValue = (column: string) =>
  /\b(purpose|note|failed_command)$/.test(column) ? `CONCAT(${column}, '')` : column

const HEADER = ['versions', 'now'] as const

/**
 * The header is selected once instead of with every row: in each part of a union, reading the schema's
 * version costs Dolt as much as the part itself.
 */
const header = (versions: string) => `SELECT ${asRow(HEADER.map(of => (of === 'now' ? NOW : versions)))}`

const MAY_END = END_COLUMNS.map(() => 'NULL')
const NOT_AUTOMATIC = AUTOMATIC_COLUMNS.map(() => 'NULL')

const claimColumns = (table: string) =>
  asRow([
    ...CLAIM_COLUMNS.map(column => `${table}.${column}`),
    'NULL',
    ...MAY_END,
    ...AUTOMATIC_COLUMNS.map(column => `${table}.${column}`),
  ])

/**
 * Selects, in the columns of a claim, a row of a table that has no `lapsed_at`.
 *
 * @param lapsedAt the SQL to select as `lapsed_at`
 * @param end its `END_COLUMNS`
 */
const asClaim = (table: string, lapsedAt: string, end: readonly string[]) =>
  asRow([
    ...CLAIM_COLUMNS.map(column => (column === 'lapsed_at' ? lapsedAt : `${table}.${column}`)),
    `${table}.token`,
    ...end,
    ...NOT_AUTOMATIC,
  ])

const CLAIMS = `SELECT ${claimColumns('presence_claims')} FROM presence_claims`
const ENDED = `SELECT ${asClaim('presence_ended', 'NULL', END_COLUMNS)} FROM presence_ended
  WHERE ended_at > ${A_DAY_AGO}`

/** Selects a lock's row as a claim, live or lapsed. */
const lockColumns = (table: string) => asClaim(table, `${table}.active_at`, MAY_END)
/** A tentative claim is visible only to claims of the same label or of one around it: no session was told of it. */
const isHeld = (table: string, tentative = '1 = 0') =>
  `${table}.session_id IS NOT NULL AND ${table}.expires_at > ${A_DAY_AGO} AND (${table}.tentative = 0 OR ${tentative})`
const LOCKS = `SELECT ${lockColumns('presence_locks')} FROM presence_locks WHERE ${isHeld('presence_locks')}`

const ANY_LOCKS = `SELECT ${lockColumns('presence_locks')} FROM presence_locks
  WHERE ${isHeld('presence_locks', '1 = 1')}`

/** The labels on which the session has claims, and the labels that the caller asks for. */
const labels = (asked = '') =>
  `(SELECT resource_label FROM presence_claims WHERE session_id = :session_id
    UNION ALL SELECT resource_label FROM presence_locks WHERE session_id = :session_id${asked}) AS mine`

/**
 * The hint sets the order of look-ups: without it Dolt merges two whole indexes (measured with 100,000 rows:
 * 320 ms against 1), and with IN instead of the join it reads the whole table (180 ms). Other engines read
 * the hint as a comment.
 */
const beside = (table: string, columns: string, asked = '', of = labels(asked)) =>
  `SELECT /*+ JOIN_ORDER(mine, other) LOOKUP_JOIN(mine, other) */ ${columns}
   FROM ${of} JOIN ${table} AS other ON other.resource_label = mine.resource_label`

/**
 * The session's shared claims, live or lapsed, and the shared claims on its labels that are live or were live
 * after a given time.
 */
const besides = (since: string) => `${beside('presence_claims', claimColumns('other'))}
  WHERE other.session_id = :session_id OR other.expires_at > ${since}`
const BESIDE = besides(NOW)

/** The session's exclusive claims, and those on the labels that it holds or asks for. */
const locks = (asked = '', tentative?: string) =>
  `${beside('presence_locks', lockColumns('other'), asked)} WHERE ${isHeld('other', tentative)}`

/**
 * The session's own claims that ended without a release, and on the labels asked for, the expired claims that
 * another claim has replaced. These are few rows.
 */
const ended = (where = '1 = 0') =>
  `${ENDED} AND (session_id = :session_id OR (ended = 'expired' AND ${where}))`

/** The latest expired claims that another claim has replaced. Limited, because there may be any number. */
const endedLatest = (where: string) =>
  `SELECT * FROM (${ENDED} AND ended = 'expired' AND ${where}
     ORDER BY ended_at DESC LIMIT ${LAPSED_SHOWN_MAX + 1}) AS past`

/** The latest lapsed claims. Limited, because there may be any number. */
const lapsed = (where: string) =>
  `SELECT * FROM (${CLAIMS} WHERE expires_at <= ${NOW} AND expires_at > ${A_DAY_AGO} AND ${NOT_QUIET} AND ${where}
     ORDER BY expires_at DESC LIMIT ${LAPSED_SHOWN_MAX + 1}) AS latest`

/**
 * Selects FROM a subquery: if a query without FROM is killed, MariaDB (10.11) returns NULL for its subquery
 * instead of an error.
 */
const HEADER_READ = `${header('versions')} FROM (SELECT ${BOTH} AS versions FROM presence_migrations) AS board`
/** Dolt takes longer to plan a part than to find its rows, so there are few parts. */
const union = (...parts: readonly string[]) => [HEADER_READ, ...parts].join(' UNION ALL ')

const STANDING = union(BESIDE, locks(), ended())

const ENDED_LABELS = `(SELECT DISTINCT resource_label FROM presence_ended
  WHERE session_id = :session_id AND ended_at > ${A_DAY_AGO}) AS mine`
const BESIDE_ENDED = union(
  `${beside('presence_claims', claimColumns('other'), '', ENDED_LABELS)} WHERE other.expires_at > ${NOW}`,
  `${beside('presence_locks', lockColumns('other'), '', ENDED_LABELS)} WHERE ${isHeld('other')}`,
)

const ON_LABEL = 'resource_label = :label'
const LABEL = union(
  // A label has few lapsed claims, so they need no separate part.
  `${CLAIMS} WHERE ${ON_LABEL} AND expires_at > ${A_DAY_AGO}`,
  BESIDE,
  locks(' UNION ALL SELECT :label'),
  ended(ON_LABEL),
)

/**
 * The live claims of other sessions on labels around those asked for: see `aroundSql`.
 *
 * @param locks the exclusive ones to search
 */
const nearby = ({ where, latest }: AroundSql, locks = LOCKS) => [
  `${CLAIMS} WHERE expires_at > ${NOW} AND session_id <> :session_id AND ${where}`,
  `${locks} AND expires_at > ${NOW} AND session_id <> :session_id AND ${where}`,
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
 * The claims on everything that the session holds, lapsed ones included, for a session that has just written claims on
 * some labels, with their tentative claims; and the live claims on labels that overlap with these or may be the same.
 * Doesn't read the schema's version, because the write before it has just shown that this client may use the board.
 */
const written = (labels: string, near: AroundSql) =>
  [
    header(':versions'),
    besides(A_DAY_AGO),
    locks('', `(other.resource_label IN (${labels}) AND other.expires_at > ${NOW})`),
    ended(`resource_label IN (${labels})`),
    // Of two sessions that take overlapping labels exclusively at once, each is tentative when the other reads.
    ...nearby(near, ANY_LOCKS),
  ].join(' UNION ALL ')

// ';' follows ':', so a kind is a range of labels. LIKE would scan, and on Dolt it would miss names beyond
// U+00FF.
const OF_KIND = 'resource_label >= :first AND resource_label < :past'
const KIND = union(
  `${CLAIMS} WHERE ${OF_KIND} AND expires_at > ${NOW}`,
  lapsed(OF_KIND),
  BESIDE,
  `${LOCKS} AND ${OF_KIND}`,
  locks(),
  ended(),
  endedLatest(OF_KIND),
)

// All live claims are included, so only the session's own claims that aren't live are missing.
const WHOLE = union(
  `${CLAIMS} WHERE expires_at > ${NOW}`,
  lapsed('1 = 1'),
  `${CLAIMS} WHERE session_id = :session_id`,
  LOCKS,
  ended(),
  endedLatest('1 = 1'),
)

const COUNTED = ['live'] as const
const counted = (table: string, where: string) =>
  `(SELECT COUNT(*) FROM (SELECT 1 FROM ${table} WHERE ${where} LIMIT ${LIVE_COUNTED_MAX}) AS some)`
const LIVE_LOCKS = `session_id IS NOT NULL AND tentative = 0 AND expires_at > ${NOW}`

/**
 * Uses the index on the expiry: the sessions seen last come first, and the rest of a full board isn't read.
 */
const latest = (claims: string) =>
  `SELECT * FROM (${claims} ORDER BY expires_at DESC LIMIT :rows) AS latest_live`

const LATEST = union(
  `SELECT JSON_ARRAY(${counted('presence_claims', `expires_at > ${NOW}`)} + ${counted('presence_locks', LIVE_LOCKS)}) AS claim`,
  latest(`${CLAIMS} WHERE expires_at > ${NOW}`),
  latest(LOCKS),
  lapsed('1 = 1'),
  BESIDE,
  locks(),
  ended(),
  endedLatest('1 = 1'),
)

/**
 * Builds the statement for one read, and its values. With UNION ALL, a row that several parts find is
 * returned several times; the reader keeps one of them.
 */
export function readSql(scope: Scope, sessionId: string): { readonly sql: string; readonly values: Values } {
  const values = { session_id: sessionId }
  if ('mine' in scope) return { sql: STANDING, values }
  if ('ended' in scope) return { sql: BESIDE_ENDED, values }
  if ('label' in scope) {
    const label = { ...values, label: scope.label }
    if (!scope.near) return { sql: LABEL, values: label }
    const near = aroundSql([scope.label])
    return { sql: [LABEL, ...nearby(near)].join(' UNION ALL '), values: { ...label, ...near.values } }
  }
  const own = 'held' in scope ? [scope.held] : 'guarded' in scope ? scope.guarded : undefined
  if (own) {
    const labels = listOf('label', own)
    const near = aroundSql(own)
    const sql = written(labels.sql, near)
    return { sql, values: { ...values, ...OWN_VERSIONS, ...labels.values, ...near.values } }
  }
  if ('latest' in scope) return { sql: LATEST, values: { ...values, rows: scope.latest } }
  if ('kind' in scope)
    return { sql: KIND, values: { ...values, first: `${scope.kind}:`, past: `${scope.kind};` } }
  return { sql: WHOLE, values }
}

/** A row as a driver returns it: already parsed if the server declares the column as JSON. */
export type ReadRow = { readonly claim: string | readonly Value[] }
type Value = string | number | null

/**
 * Splits the rows of one read into claims and the header: the board's versions and the database's current
 * time.
 */
export function rowsRead(rows: readonly ReadRow[]): {
  readonly versions: string | null
  readonly now: Date
  readonly claims: readonly AnyRow[]
  readonly live: number | undefined
} {
  const all = rows.map(({ claim }) =>
    typeof claim === 'string' ? (JSON.parse(claim) as readonly Value[]) : claim,
  )
  // The parts of a union come in no guaranteed order.
  const header = all.find(({ length }) => length === HEADER.length)
  const [versions, now] = header ?? []
  const count = all.find(({ length }) => length === COUNTED.length)
  return {
    versions: versions == null ? null : String(versions),
    now: momentOf(millisecondsOf(now)),
    claims: all.filter(values => values !== header && values !== count).map(toRow),
    live: count && Number(count[0]),
  }
}

function toRow(values: readonly Value[]): AnyRow {
  const row: Record<string, Value> = {}
  for (const [at, column] of READ_COLUMNS.entries()) {
    const value = values[at] ?? null
    row[column] = value !== null && TIMES.has(column) ? millisecondsOf(value) : value
  }
  return row as unknown as AnyRow
}

/**
 * Parses a time as JSON contains it, `2026-01-02 03:04:05.678` in UTC, with more digits on some engines. NaN
 * if it isn't a time.
 */
function millisecondsOf(value: Value | undefined): number {
  return Date.parse(`${String(value).replace(' ', 'T')}Z`)
}
