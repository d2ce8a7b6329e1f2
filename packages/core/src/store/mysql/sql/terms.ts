import migrations from 'virtual:migrations/mysql'
import { LAPSED_KEPT_SECONDS } from '../../../domain/limits.ts'
import type { Terms } from '../../coordination/terms.ts'
import { OLDEST_CLIENT, versionOf } from '../../migration.ts'

/** This client's version, as a statement's value. */
export const SCHEMA = { schema_version: versionOf(migrations) }

/** Not NOW(), which follows the server's time zone. The value is the same throughout a statement. */
export const NOW = 'UTC_TIMESTAMP(3)'

/** DATE_ADD, because `x + INTERVAL` drops the milliseconds on Dolt. */
export const after = (seconds: string | number, moment = NOW) =>
  `DATE_ADD(${moment}, INTERVAL ${seconds} SECOND)`

/** Claims that lapsed before this are no longer shown. */
export const A_DAY_AGO = after(-LAPSED_KEPT_SECONDS)

/**
 * True if this client's version is between the board's two. One subquery compares both, which costs Dolt no
 * more than comparing one.
 */
const FITS = `MAX(version) >= :schema_version AND ${OLDEST_CLIENT} <= :schema_version`

/** True on a board that this client may write to. */
export const AT_SCHEMA = `(SELECT ${FITS} FROM presence_migrations)`

/** For INSERT … SELECT: one row on a board that this client may write to, none on another. */
export const FROM_BOARD = `FROM (SELECT ${FITS} AS fits FROM presence_migrations) AS board WHERE board.fits`

/**
 * To be appended to a table name: selects its rows, but none on a board that this client may not write to.
 * Conditions follow with AND.
 */
export const JOIN_BOARD = `JOIN (SELECT ${FITS} AS fits FROM presence_migrations) AS board WHERE board.fits`

/**
 * Deletes the rows of a table that also match the conditions added after it, on a board that this client may
 * write to. It uses JOIN because of MariaDB (10.11): if a DELETE from one table is killed before its first
 * row, the answer may be OK and 0 rows, as if there were nothing to delete. That happened to 47 of 9,742
 * killed statements, and to none of 9,041 with JOIN.
 */
export const deleteFrom = (table: string) => `DELETE ${table} FROM ${table} ${JOIN_BOARD}`

/** The board's two version numbers in one value, as a column of `presence_migrations`. */
export const BOTH = `CONCAT(MAX(version), ' ', ${OLDEST_CLIENT})`
/** The board's two version numbers in one value, such as `7 6`; NULL if no step is recorded. */
const VERSIONS = `(SELECT ${BOTH} FROM presence_migrations)`

/** The same value for a client that already knows that it may use the board. */
export const OWN_VERSIONS = { versions: `${SCHEMA.schema_version} ${SCHEMA.schema_version}` }

/** The database's current time and the board's versions, selected with every row. */
export const HEADER_COLUMNS = `${NOW} AS read_at, ${VERSIONS} AS versions`

/**
 * The same for a read that found no row to carry them. Selects FROM a subquery: if a query without FROM is
 * killed, MariaDB (10.11) returns NULL for its subquery instead of an error.
 */
export const HEADER = `SELECT ${NOW} AS read_at, versions FROM (SELECT ${BOTH} AS versions FROM presence_migrations) AS board`

/** The time when an outbox entry was made, in the database's time; never in the future. */
export const THEN = `LEAST(CAST(:said_at AS DATETIME(3)), ${NOW})`

/** Formats a time for a literal. */
export function momentText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 23).replace('T', ' ')
}

export const TERMS: Terms = {
  now: NOW,
  nowAfter: time => `GREATEST(${NOW}, COALESCE(DATE_ADD(${time}, INTERVAL 1000 MICROSECOND), ${NOW}))`,
  ago: seconds => after(-seconds),
  after: seconds => after(seconds),
  greatest: 'GREATEST',
  least: 'LEAST',
  day: time => `DATE_FORMAT(${time}, '%Y-%m-%d')`,
  saidThen: THEN,
  time: column => column,
  insertIgnore: 'INSERT IGNORE',
  onBoard: FROM_BOARD,
  atSchema: AT_SCHEMA,
  header: HEADER_COLUMNS,
  deleteSome: (table, where) => `DELETE FROM ${table} WHERE ${where} LIMIT :rows`,
}
