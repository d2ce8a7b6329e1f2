import { LAPSED_SHOWN_MAX } from '../../../domain/limits.ts'
import { CLAIM_COLUMNS } from '../../columns.ts'
import type { Scope } from '../../port.ts'
import { fill } from '../literal.ts'
import { A_DAY_AGO, NOW, SCHEMA } from './terms.ts'

/** A union's first part gives its columns their types. */
const NULL_OF: Partial<Record<(typeof CLAIM_COLUMNS)[number], string>> = {
  claimed_at: NOW,
  expires_at: NOW,
  lapsed_at: 'CAST(NULL AS DATETIME(3))',
  ttl_seconds: '0',
  agent_name: 'CAST(NULL AS CHAR)',
  repo: 'CAST(NULL AS CHAR)',
  branch: 'CAST(NULL AS CHAR)',
  worktree: 'CAST(NULL AS CHAR)',
}

/** What `ended` says in the row that is no claim: its `ended_at` is the database's now, and its `token` the schema. */
export const IS_HEADER = 'header'

/** Once, and not with every row: in each part of a union the question for the schema costs Dolt as much as the part. */
const header = (
  version: string,
) => `SELECT ${CLAIM_COLUMNS.map(column => `${NULL_OF[column] ?? "''"} AS ${column}`).join(', ')},
  ${version} AS token, '${IS_HEADER}' AS ended, ${NOW} AS ended_at,
  CAST(NULL AS CHAR) AS ended_by, CAST(NULL AS CHAR) AS note`

const NOT_ENDED = `CAST(NULL AS CHAR) AS ended, CAST(NULL AS DATETIME(3)) AS ended_at,
  CAST(NULL AS CHAR) AS ended_by, CAST(NULL AS CHAR) AS note`

const claimColumns = (table: string) =>
  `${CLAIM_COLUMNS.map(column => `${table}.${column}`).join(', ')}, CAST(NULL AS SIGNED) AS token, ${NOT_ENDED}`

/** A row without a `lapsed_at` in a claim's columns. @param lapsedAt what stands in its place */
const asClaim = (table: string, lapsedAt = 'CAST(NULL AS DATETIME(3))') =>
  `${CLAIM_COLUMNS.map(column =>
    column === 'lapsed_at' ? `${lapsedAt} AS lapsed_at` : `${table}.${column}`,
  ).join(', ')}, ${table}.token`

const CLAIMS = `SELECT ${claimColumns('presence_claims')} FROM presence_claims`
const ENDED = `SELECT ${asClaim('presence_ended')}, ended, ended_at, ended_by, note FROM presence_ended
  WHERE ended_at > ${A_DAY_AGO}`

/** A lock's row as a claim, live or lapsed. */
const lockColumns = (table: string) => `${asClaim(table, `${table}.active_at`)}, ${NOT_ENDED}`
const isHeld = (table: string) => `${table}.session_id IS NOT NULL AND ${table}.expires_at > ${A_DAY_AGO}`
const LOCKS = `SELECT ${lockColumns('presence_locks')} FROM presence_locks WHERE ${isHeld('presence_locks')}`

/** The labels that the session is on, and those asked for. */
const labels = (asked = '') =>
  `(SELECT resource_label FROM presence_claims WHERE session_id = :session_id
    UNION ALL SELECT resource_label FROM presence_locks WHERE session_id = :session_id${asked}) AS mine`

/**
 * The hint names the order of look-ups: without it Dolt merges two whole indexes (measured with 100,000 rows: 320 ms against
 * 1), and with IN in the join's place it reads the whole table (180 ms). Other engines read it as a comment.
 */
const beside = (table: string, columns: string, asked = '') =>
  `SELECT /*+ JOIN_ORDER(mine, other) LOOKUP_JOIN(mine, other) */ ${columns}
   FROM ${labels(asked)} JOIN ${table} AS other ON other.resource_label = mine.resource_label`

/** The session's shared claims, live or lapsed, and those beside whatever it holds that live, or did since a moment. */
const besides = (since: string) => `${beside('presence_claims', claimColumns('other'))}
  WHERE other.session_id = :session_id OR other.expires_at > ${since}`
const BESIDE = besides(NOW)

/** The exclusive claims of the session, and those beside what it holds or asks for. */
const locks = (asked = '') =>
  `${beside('presence_locks', lockColumns('other'), asked)} WHERE ${isHeld('other')}`

/** The session's own claims that ended otherwise, and of those asked for what another has taken the place of: few rows. */
const ended = (where = '1 = 0') =>
  `${ENDED} AND (session_id = :session_id OR (ended = 'expired' AND ${where}))`

/** The latest of what lapsed: there may be any number. */
const lapsed = (where: string) =>
  `SELECT * FROM (${CLAIMS} WHERE expires_at <= ${NOW} AND expires_at > ${A_DAY_AGO} AND ${where}
     ORDER BY expires_at DESC LIMIT ${LAPSED_SHOWN_MAX + 1}) AS latest`

/** Each part costs Dolt about 0.8 ms, so there are few: 18 columns take longer to plan than their rows to find. */
const union = (...parts: readonly string[]) =>
  [header('(SELECT MAX(version) FROM presence_migrations)'), ...parts].join(' UNION ALL ')

const STANDING = union(BESIDE, locks(), ended())

const ON_LABEL = 'resource_label = :label'
const LABEL = union(
  // Of one label the lapsed ones are few: they need no part of their own.
  `${CLAIMS} WHERE ${ON_LABEL} AND expires_at > ${A_DAY_AGO}`,
  BESIDE,
  locks(' UNION ALL SELECT :label'),
  ended(ON_LABEL),
)

/** Of what the session holds, with what lapsed there: of which schema the board is, a write has just told. */
const HELD = [header(':schema_version'), besides(A_DAY_AGO), locks(), ended(ON_LABEL)].join(' UNION ALL ')

// ';' follows ':': a range, where LIKE would scan and Dolt would lose names beyond U+00FF.
const OF_KIND = 'resource_label >= :first AND resource_label < :past'
const KIND = union(
  `${CLAIMS} WHERE ${OF_KIND} AND expires_at > ${NOW}`,
  lapsed(OF_KIND),
  BESIDE,
  `${LOCKS} AND ${OF_KIND}`,
  locks(),
  ended(OF_KIND),
)

// Every live claim is among the live ones, whatever it stands beside: only what is mine and isn't live is missing.
const WHOLE = union(
  `${CLAIMS} WHERE expires_at > ${NOW}`,
  lapsed('1 = 1'),
  `${CLAIMS} WHERE session_id = :session_id`,
  LOCKS,
  ended('1 = 1'),
)

/** The statement for one read. UNION ALL: what several parts found comes several times, and the reader keeps one. */
export function readSql(scope: Scope, sessionId: string): string {
  const values = { session_id: sessionId }
  if ('mine' in scope) return fill(STANDING, values)
  if ('label' in scope) return fill(LABEL, { ...values, label: scope.label })
  if ('held' in scope) return fill(HELD, { ...values, ...SCHEMA, label: scope.held })
  if ('kind' in scope) return fill(KIND, { ...values, first: `${scope.kind}:`, past: `${scope.kind};` })
  return fill(WHOLE, values)
}
