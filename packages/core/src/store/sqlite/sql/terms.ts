import { LAPSED_KEPT_SECONDS } from '../../../domain/limits.ts'
import type { Terms } from '../../coordination/terms.ts'

/**
 * Milliseconds since 1970, the same throughout a statement that writes; for a read, see
 * `SqliteDatabase.readAt`. Rounded, because truncating the product of a fraction would give 1 ms less.
 */
export const NOW = `CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)`

/** Claims that lapsed before this are no longer shown. */
export const A_DAY_AGO = `${NOW} - ${LAPSED_KEPT_SECONDS * 1000}`

/** The time when an outbox entry was made, in the database's time; never in the future. */
export const THEN = `MIN(:said_at, ${NOW})`

/** Differs from every other value: see the schema of the locks. */
export const NEW_KEY = 'lower(hex(randomblob(16)))'

/** The end of the year 9999. A larger number is not a time, and the driver may refuse to read it. */
export const TIME_MAX = 253_402_300_799_000

/** Selects a column so that it can be read: limits a time that another client may have written. */
export const readable = (table: string, column: string) =>
  column.endsWith('_at') ? `MIN(${table}.${column}, ${TIME_MAX}) AS ${column}` : `${table}.${column}`

/** Deletes the `:rows` oldest rows that match a condition. */
export const oldest = (table: string, where: string, order: string) =>
  `DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE ${where} ORDER BY ${order} LIMIT :rows)`

/**
 * Statements don't check the schema: opening the file checks it, and every write checks that it is still the
 * same.
 */
export const TERMS: Terms = {
  now: NOW,
  nowAfter: time => `MAX(${NOW}, MIN(COALESCE(${time}, 0), ${TIME_MAX}) + 1)`,
  ago: seconds => `${NOW} - ${seconds * 1000}`,
  after: seconds => `(${NOW} + ${seconds} * 1000)`,
  greatest: 'MAX',
  least: 'MIN',
  day: time => `${time} / 86400000`,
  saidThen: THEN,
  time: column => `MIN(${column}, ${TIME_MAX})`,
  insertIgnore: 'INSERT OR IGNORE',
  onBoard: 'WHERE 1 = 1',
  atSchema: '1 = 1',
  header: `${NOW} AS read_at`,
  deleteSome: (table, where) =>
    `DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE ${where} LIMIT :rows)`,
}
