import migrations from 'virtual:migrations/mysql'
import type { MysqlDsn } from '../../../config/dsn.ts'
import type { MigrateOptions, Migration, MigrationReport } from '../../migration.ts'
import { mysqlFault } from '../faults.ts'
import { createBookkeeping, readProgress, recordApplied } from './bookkeeping.ts'
import { protectTables, readProtection } from './dolt.ts'
import { takeLock } from './lock.ts'
import { isAlreadyDone, MigrationSession } from './session.ts'

/**
 * Migrates a server's database, or with `dryRun` says what that would do.
 *
 * @param known the migrations to bring it to: this presence's own, but for tests that stop on the way
 */
export async function migrateServer(
  dsn: MysqlDsn,
  options: MigrateOptions,
  known: readonly Migration[] = migrations,
): Promise<MigrationReport> {
  const { dryRun = false, createDatabase = false } = options
  try {
    await using session = await MigrationSession.open(dsn, createDatabase && !dryRun)
    if (!dryRun) await takeLock(session, dsn.database)
    const protection = session.engine.history ? await readProtection(session) : undefined
    const { present, pending } = await readProgress(session, known)
    if (!dryRun) {
      if (protection) await protectTables(session, protection)
      await applyAll(session, pending, options)
    }
    return { present: present.map(tagOf), applied: pending.map(tagOf), prepared: protection?.steps ?? [] }
  } catch (error) {
    throw mysqlFault(error, dsn.shown)
  }
}

async function applyAll(
  session: MigrationSession,
  pending: readonly Migration[],
  { onProgress }: MigrateOptions,
): Promise<void> {
  if (pending.length > 0) await createBookkeeping(session)
  for (const migration of pending) {
    onProgress?.(`applying ${migration.tag}`)
    for (const statement of migration.statements) await applyOnce(session, statement)
    await recordApplied(session, migration)
  }
}

/** No schema change is transactional: one that a killed run had done but not recorded is taken as done. */
async function applyOnce(session: MigrationSession, statement: string): Promise<void> {
  try {
    await session.query(statement)
  } catch (error) {
    if (!isAlreadyDone(error)) throw error
    await session.query('ROLLBACK')
  }
}

function tagOf(migration: Migration): string {
  return migration.tag
}
