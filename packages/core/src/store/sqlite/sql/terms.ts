import { LAPSED_KEPT_SECONDS } from '../../../domain/limits.ts'

/** Milliseconds since 1970, the same throughout one statement that writes; for one that reads, see `Database.read`. Rounded: the product of a fraction truncates to 1 ms less. */
export const NOW = `CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)`

/** What lapsed before this is told no more. */
export const A_DAY_AGO = `${NOW} - ${LAPSED_KEPT_SECONDS * 1000}`

/** When a queued operation was said, in the database's time: never in the future. */
export const THEN = `MIN(:said_at, ${NOW})`

/** Unlike any other: see the schema of the locks. */
export const NEW_NONCE = 'lower(hex(randomblob(16)))'

/** The end of the year 9999: what lies behind it is no time, and a number that the driver may refuse to read. */
export const TIME_MAX = 253_402_300_799_000

/** A column for a reader: a time that a client wrote is one that can be read. */
export const readable = (table: string, column: string) =>
  column.endsWith('_at') ? `MIN(${table}.${column}, ${TIME_MAX}) AS ${column}` : `${table}.${column}`
