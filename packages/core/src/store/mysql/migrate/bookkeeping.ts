import { PresenceError } from '../../../domain/fault.ts'
import { type Migration, tablesOf } from '../../migration.ts'
import { isDenied, numberOf } from '../faults.ts'
import { fill } from '../literal.ts'
import type { MigrationSession } from './session.ts'

const CREATE = `
  CREATE TABLE IF NOT EXISTS presence_migrations (
    version INT NOT NULL PRIMARY KEY, tag VARCHAR(255) NOT NULL, hash CHAR(64) NOT NULL, applied_at DATETIME(3) NOT NULL
  ) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`

/** The migrations among `known` that the board has and lacks. */
export interface Progress {
  readonly present: readonly Migration[]
  readonly pending: readonly Migration[]
}

/**
 * Reads what the board has. Compared version by version, never by date: a migration that was written earlier and
 * merged later is as pending as any other.
 *
 * @throws PresenceError `schema_newer` when the board has a migration that `known` doesn't
 */
export async function readProgress(
  session: MigrationSession,
  known: readonly Migration[],
): Promise<Progress> {
  const applied = await readApplied(session)
  const unknown = [...applied].filter(([version]) => !known.some(migration => migration.version === version))
  if (unknown.length > 0)
    throw new PresenceError(
      'schema_newer',
      `the board at ${session.shown} has migrations that this presence lacks: ${unknown.map(([, tag]) => tag).join(', ')}`,
      'install a newer presence',
    )
  return {
    present: known.filter(({ version }) => applied.has(version)),
    pending: known.filter(({ version }) => !applied.has(version)),
  }
}

/** The tags that the board has, by version; none where there is no table of them. */
export async function readApplied(
  session: Pick<MigrationSession, 'query'>,
): Promise<ReadonlyMap<number, string>> {
  try {
    const rows = await session.query('SELECT version, tag FROM presence_migrations ORDER BY version')
    return new Map(rows.map(row => [Number(row['version']), String(row['tag'])]))
  } catch (error) {
    if (numberOf(error) === 1146) return new Map()
    throw error
  }
}

/**
 * The tables that the present migrations made and that are gone. Each is asked for by itself: a list of tables leaves
 * out those that the account may not see.
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
      // One that may not be read is there, as far as can be told.
      else if (!isDenied(error)) throw error
    }
  return missing
}

export async function createBookkeeping(session: MigrationSession): Promise<void> {
  await session.query(CREATE)
}

export async function recordApplied(
  session: MigrationSession,
  { version, tag, hash }: Migration,
): Promise<void> {
  const insert = 'INSERT INTO presence_migrations VALUES (:version, :tag, :hash, UTC_TIMESTAMP(3))'
  await session.query(fill(insert, { version, tag, hash }))
}
