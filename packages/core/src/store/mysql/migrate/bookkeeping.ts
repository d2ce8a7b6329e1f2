import { counted } from '../../../domain/text.ts'
import {
  type Migration,
  OLDEST_CLIENT,
  STORES_OLDEST_CLIENT,
  type StoredVersions,
  tablesOf,
} from '../../migration.ts'
import { isDenied, numberOf } from '../faults.ts'
import { fill } from '../literal.ts'
import type { MigrationSession } from './session.ts'

const CREATE = `
  CREATE TABLE IF NOT EXISTS presence_migrations (
    version INT NOT NULL PRIMARY KEY, tag VARCHAR(255) NOT NULL, hash CHAR(64) NOT NULL, applied_at DATETIME(3) NOT NULL
  ) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`

/** The migrations in `known` that the board has (`present`), and those that it lacks (`pending`). */
export interface Progress {
  readonly present: readonly Migration[]
  readonly pending: readonly Migration[]
  /** All steps that the board has, also those of other versions of presence. */
  readonly applied: Applied
  /** Tags of steps on the board that `known` lacks. */
  readonly unknown: readonly string[]
}

/** The board's record of its steps: their tags by version, and the resulting version numbers. */
interface Applied extends StoredVersions {
  readonly tags: ReadonlyMap<number, string>
}

/**
 * Compares steps by version, never by date: a step that was written earlier but merged later is pending like
 * any other.
 */
export function progressOf(applied: Applied, known: readonly Migration[]): Progress {
  const has = ({ version }: Migration) => applied.tags.has(version)
  return {
    present: known.filter(has),
    pending: known.filter(migration => !has(migration)),
    applied,
    unknown: [...applied.tags]
      .filter(([version]) => !known.some(migration => migration.version === version))
      .map(([, tag]) => tag),
  }
}

/** Reads what the board stores about its steps; no steps if that table doesn't exist. */
export async function readApplied(session: Pick<MigrationSession, 'query'>): Promise<Applied> {
  const rows = await orNone(session, 'SELECT version, tag FROM presence_migrations ORDER BY version', 1146)
  const version = Number(rows.at(-1)?.['version'] ?? -1)
  // The column doesn't exist before the step that adds it.
  const [row] = await orNone(
    session,
    `SELECT ${OLDEST_CLIENT} AS oldest FROM presence_migrations`,
    1146,
    1054,
  )
  return {
    tags: new Map(rows.map(each => [Number(each['version']), String(each['tag'])])),
    version,
    oldestClient: Number(row?.['oldest'] ?? version),
  }
}

async function orNone(session: Pick<MigrationSession, 'query'>, sql: string, ...missing: readonly number[]) {
  try {
    return await session.query(sql)
  } catch (error) {
    await session.query('ROLLBACK')
    if (missing.includes(numberOf(error) ?? 0)) return []
    throw error
  }
}

/**
 * The tables that the present migrations created and that no longer exist. Each table is queried by itself,
 * because a list of tables omits those that the account may not see.
 */
export async function readMissing(
  session: Pick<MigrationSession, 'query'>,
  present: readonly Migration[],
): Promise<readonly string[]> {
  const missing: string[] = []
  for (const table of tablesOf(present))
    try {
      await session.query(`SELECT 1 FROM ${table} WHERE 1 = 0`)
    } catch (error) {
      await session.query('ROLLBACK')
      if (numberOf(error) === 1146) missing.push(table)
      // A table that may not be read counts as present.
      else if (!isDenied(error)) throw error
    }
  return missing
}

/**
 * The report's sentence about a table of claims that another tool made: the first migration keeps its rows. None if
 * there is no such table, or it may not be read.
 */
export async function readAdopted(session: Pick<MigrationSession, 'query'>): Promise<readonly string[]> {
  try {
    const [row] = await session.query('SELECT COUNT(*) AS rows_found FROM presence_claims')
    return [`adopt the table presence_claims, with its ${counted(Number(row?.['rows_found']), 'row')}`]
  } catch (error) {
    await session.query('ROLLBACK')
    if (numberOf(error) === 1146 || isDenied(error)) return []
    throw error
  }
}

export async function createBookkeeping(session: MigrationSession): Promise<void> {
  await session.query(CREATE)
}

/**
 * One row holds the step and the oldest client that may use the board. Older clients keep working until it is
 * written.
 */
export async function recordApplied(
  session: MigrationSession,
  { version, tag, hash, oldestClient }: Migration,
): Promise<void> {
  const stores = version >= STORES_OLDEST_CLIENT
  const insert = `INSERT INTO presence_migrations (version, tag, hash, applied_at${stores ? ', oldest_client' : ''})
    VALUES (:version, :tag, :hash, UTC_TIMESTAMP(3)${stores ? ', :oldest_client' : ''})`
  await session.query(fill(insert, { version, tag, hash, oldest_client: oldestClient }))
}
