import { momentOf } from '../../../domain/claim.ts'
import { LAPSED_SHOWN_MAX, LIVE_COUNTED_MAX } from '../../../domain/limits.ts'
import { type AnyRow, CLAIM_COLUMNS } from '../../columns.ts'
import type { Scope } from '../../port.ts'
import { fill } from '../literal.ts'
import { A_DAY_AGO, BOTH, NOW, OWN_VERSIONS } from './terms.ts'

/** What follows a claim's own columns: of an exclusive one its token, and how one ended that its session did not release. */
const END_COLUMNS = ['ended', 'ended_at', 'ended_by', 'note'] as const
const READ_COLUMNS = [...CLAIM_COLUMNS, 'token', ...END_COLUMNS] as const
const TIMES: ReadonlySet<string> = new Set<keyof AnyRow>([
  'claimed_at',
  'expires_at',
  'lapsed_at',
  'ended_at',
])

/**
 * A row as one value, an array in the order of `READ_COLUMNS`: a union of 18 columns takes Dolt twice as long to plan as one
 * of a single column (5.9 ms against 3.2), and each column is described to the driver besides.
 */
const asRow = (columns: readonly string[]) => `JSON_ARRAY(${columns.map(asValue).join(', ')}) AS claim`

/** A long text, which Dolt keeps beside its row, it refuses in an array ("unsupported type: *val.TextStorage"), also as CHAR. */
const asValue = (column: string) => (/\b(purpose|note)$/.test(column) ? `CONCAT(${column}, '')` : column)

const HEADER = ['versions', 'now'] as const

/** Once, and not with every row: in each part of a union the question for the schema costs Dolt as much as the part. */
const header = (versions: string) => `SELECT ${asRow(HEADER.map(of => (of === 'now' ? NOW : versions)))}`

const MAY_END = END_COLUMNS.map(() => 'NULL')

const claimColumns = (table: string) =>
  asRow([...CLAIM_COLUMNS.map(column => `${table}.${column}`), 'NULL', ...MAY_END])

/** A row without a `lapsed_at` as a claim's. @param lapsedAt what stands in its place @param end its `END_COLUMNS` */
const asClaim = (table: string, lapsedAt: string, end: readonly string[]) =>
  asRow([
    ...CLAIM_COLUMNS.map(column => (column === 'lapsed_at' ? lapsedAt : `${table}.${column}`)),
    `${table}.token`,
    ...end,
  ])

const CLAIMS = `SELECT ${claimColumns('presence_claims')} FROM presence_claims`
const ENDED = `SELECT ${asClaim('presence_ended', 'NULL', END_COLUMNS)} FROM presence_ended
  WHERE ended_at > ${A_DAY_AGO}`

/** A lock's row as a claim, live or lapsed. */
const lockColumns = (table: string) => asClaim(table, `${table}.active_at`, MAY_END)
/** Nobody was told of a tentative claim: only who claims the same label has to know of it. */
const isHeld = (table: string, tentative = '1 = 0') =>
  `${table}.session_id IS NOT NULL AND ${table}.expires_at > ${A_DAY_AGO} AND (${table}.tentative = 0 OR ${tentative})`
const LOCKS = `SELECT ${lockColumns('presence_locks')} FROM presence_locks WHERE ${isHeld('presence_locks')}`

/** The labels that the session is on, and those asked for. */
const labels = (asked = '') =>
  `(SELECT resource_label FROM presence_claims WHERE session_id = :session_id
    UNION ALL SELECT resource_label FROM presence_locks WHERE session_id = :session_id${asked}) AS mine`

/**
 * The hint names the order of look-ups: without it Dolt merges two whole indexes (measured with 100,000 rows: 320 ms against
 * 1), and with IN in the join's place it reads the whole table (180 ms). Other engines read it as a comment.
 */
const beside = (table: string, columns: string, asked = '', of = labels(asked)) =>
  `SELECT /*+ JOIN_ORDER(mine, other) LOOKUP_JOIN(mine, other) */ ${columns}
   FROM ${of} JOIN ${table} AS other ON other.resource_label = mine.resource_label`

/** The session's shared claims, live or lapsed, and those beside whatever it holds that live, or did since a moment. */
const besides = (since: string) => `${beside('presence_claims', claimColumns('other'))}
  WHERE other.session_id = :session_id OR other.expires_at > ${since}`
const BESIDE = besides(NOW)

/** The exclusive claims of the session, and those beside what it holds or asks for. */
const locks = (asked = '', tentative?: string) =>
  `${beside('presence_locks', lockColumns('other'), asked)} WHERE ${isHeld('other', tentative)}`

/** The session's own claims that ended otherwise, and of those asked for what another has taken the place of: few rows. */
const ended = (where = '1 = 0') =>
  `${ENDED} AND (session_id = :session_id OR (ended = 'expired' AND ${where}))`

/** The latest of what another claim has taken the place of: there may be any number. */
const endedLatest = (where: string) =>
  `SELECT * FROM (${ENDED} AND ended = 'expired' AND ${where}
     ORDER BY ended_at DESC LIMIT ${LAPSED_SHOWN_MAX + 1}) AS past`

/** The latest of what lapsed: there may be any number. */
const lapsed = (where: string) =>
  `SELECT * FROM (${CLAIMS} WHERE expires_at <= ${NOW} AND expires_at > ${A_DAY_AGO} AND ${where}
     ORDER BY expires_at DESC LIMIT ${LAPSED_SHOWN_MAX + 1}) AS latest`

/** In FROM: of a killed query without one, MariaDB (10.11) answers a NULL for its subquery in place of an error. */
const HEADER_READ = `${header('versions')} FROM (SELECT ${BOTH} AS versions FROM presence_migrations) AS board`
/** Each part costs Dolt time to plan, more than to find its rows: so there are few. */
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
  // Of one label the lapsed ones are few: they need no part of their own.
  `${CLAIMS} WHERE ${ON_LABEL} AND expires_at > ${A_DAY_AGO}`,
  BESIDE,
  locks(' UNION ALL SELECT :label'),
  ended(ON_LABEL),
)

/** Of what the session holds, with what lapsed there: a write has just shown that this client may use the board. */
const HELD = [
  header(':versions'),
  besides(A_DAY_AGO),
  locks('', `(other.${ON_LABEL} AND other.expires_at > ${NOW})`),
  ended(ON_LABEL),
].join(' UNION ALL ')

// ';' follows ':': a range, where LIKE would scan and Dolt would lose names beyond U+00FF.
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

// Every live claim is among the live ones, whatever it stands beside: only what is mine and isn't live is missing.
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

/** By the index on the expiry: the sessions seen last come first, and the rest of a full board is not read. */
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

/** The statement for one read. UNION ALL: what several parts found comes several times, and the reader keeps one. */
export function readSql(scope: Scope, sessionId: string): string {
  const values = { session_id: sessionId }
  if ('mine' in scope) return fill(STANDING, values)
  if ('ended' in scope) return fill(BESIDE_ENDED, values)
  if ('label' in scope) return fill(LABEL, { ...values, label: scope.label })
  if ('held' in scope) return fill(HELD, { ...values, ...OWN_VERSIONS, label: scope.held })
  if ('latest' in scope) return fill(LATEST, { ...values, rows: scope.latest })
  if ('kind' in scope) return fill(KIND, { ...values, first: `${scope.kind}:`, past: `${scope.kind};` })
  return fill(WHOLE, values)
}

/** What a driver gives of one: parsed, where the server says that the column is JSON. */
export type ReadRow = { readonly claim: string | readonly Value[] }
type Value = string | number | null

/** The rows of one read, as a claim's columns, and what stood before them: the board's versions and the database's now. */
export function rowsRead(rows: readonly ReadRow[]): {
  readonly versions: string | null
  readonly now: Date
  readonly claims: readonly AnyRow[]
  readonly live: number | undefined
} {
  const all = rows.map(({ claim }) =>
    typeof claim === 'string' ? (JSON.parse(claim) as readonly Value[]) : claim,
  )
  // No order is promised of a union's parts.
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

/** As JSON has them, `2026-01-02 03:04:05.678` in UTC, with more digits on some engines. Of what is no time, NaN. */
function millisecondsOf(value: Value | undefined): number {
  return Date.parse(`${String(value).replace(' ', 'T')}Z`)
}
