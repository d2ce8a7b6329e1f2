import migrations from 'virtual:migrations/mysql'
import { LAPSED_KEPT_SECONDS } from '../../../domain/limits.ts'
import { OLDEST_CLIENT, versionOf } from '../../migration.ts'
import { fill } from '../literal.ts'

/** This client's version, as a statement's value. */
export const SCHEMA = { schema_version: versionOf(migrations) }

/** Never NOW(): that follows the server's zone. One value throughout a statement. */
export const NOW = 'UTC_TIMESTAMP(3)'

/** DATE_ADD, for `x + INTERVAL` drops the milliseconds on Dolt. */
export const after = (seconds: string | number, moment = NOW) =>
  `DATE_ADD(${moment}, INTERVAL ${seconds} SECOND)`

/** What lapsed before this is told no more. */
export const A_DAY_AGO = after(-LAPSED_KEPT_SECONDS)

/** Is this client's version between the board's two? One subquery for both costs Dolt no more than it did for one. */
const FITS = `MAX(version) >= :schema_version AND ${OLDEST_CLIENT} <= :schema_version`

/** True on a board that this client may write. */
export const AT_SCHEMA = `(SELECT ${FITS} FROM presence_migrations)`

/** For INSERT … SELECT: one row on a board that this client may write, and none on another. */
export const FROM_BOARD = `FROM (SELECT ${FITS} AS fits FROM presence_migrations) AS board WHERE board.fits`

/** The board's two version numbers in one value, as a column of `presence_migrations`. */
export const BOTH = `CONCAT(MAX(version), ' ', ${OLDEST_CLIENT})`
/** The board's two version numbers in one value, such as `7 6`; NULL where no step is recorded. */
const VERSIONS = `(SELECT ${BOTH} FROM presence_migrations)`

/** The same value for a client that knows it may use the board. */
export const OWN_VERSIONS = { versions: `${SCHEMA.schema_version} ${SCHEMA.schema_version}` }

/** The database's now and the board's versions, with every row. */
export const HEADER_COLUMNS = `${NOW} AS read_at, ${VERSIONS} AS versions`

/**
 * The same for a read that found no row to carry them. In FROM: of a killed query without one, MariaDB (10.11) answers a
 * NULL for its subquery in place of an error.
 */
export const HEADER = `SELECT ${NOW} AS read_at, versions FROM (SELECT ${BOTH} AS versions FROM presence_migrations) AS board`

export type Values = Readonly<Record<string, string | number | null>>

/** A statement that values are filled into. */
export const statement = (sql: string) => (values: Values) => fill(sql, values)

/** When a queued operation was said, in the database's time: never in the future. */
export const THEN = `LEAST(CAST(:said_at AS DATETIME(3)), ${NOW})`

/** A moment as a literal takes it. */
export function momentText(moment: Date): string {
  return moment.toISOString().slice(0, 23).replace('T', ' ')
}
