import migrations from 'virtual:migrations/mysql'
import { LAPSED_KEPT_SECONDS } from '../../../domain/limits.ts'
import { versionOf } from '../../migration.ts'
import { fill } from '../literal.ts'

/** The schema that this code was written for, as a statement's value. */
export const SCHEMA = { schema_version: versionOf(migrations) }

/** Never NOW(): that follows the server's zone. One value throughout a statement. */
export const NOW = 'UTC_TIMESTAMP(3)'

/** DATE_ADD, for `x + INTERVAL` drops the milliseconds on Dolt. */
export const after = (seconds: string | number, moment = NOW) =>
  `DATE_ADD(${moment}, INTERVAL ${seconds} SECOND)`

/** What lapsed before this is told no more. */
export const A_DAY_AGO = after(-LAPSED_KEPT_SECONDS)

/** True on a board whose schema is the one that this code was written for. */
export const AT_SCHEMA = '(SELECT MAX(version) FROM presence_migrations) = :schema_version'

/** For INSERT … SELECT: one row on a board of this code's schema, and none on another. */
export const FROM_BOARD =
  'FROM (SELECT MAX(version) AS version FROM presence_migrations) AS board WHERE board.version = :schema_version'

/** The database's now and schema, with every row. */
export const HEADER_COLUMNS = `${NOW} AS read_at, (SELECT MAX(version) FROM presence_migrations) AS schema_version`

/** The same for a read that found no row to carry them. */
export const HEADER = `SELECT ${HEADER_COLUMNS}`

export type Values = Readonly<Record<string, string | number | null>>

/** A statement that values are filled into. */
export const statement = (sql: string) => (values: Values) => fill(sql, values)

/** When a queued operation was said, in the database's time: never in the future. */
export const THEN = `LEAST(CAST(:said_at AS DATETIME(3)), ${NOW})`

/** A moment as a literal takes it. */
export function momentText(moment: Date): string {
  return moment.toISOString().slice(0, 23).replace('T', ' ')
}
