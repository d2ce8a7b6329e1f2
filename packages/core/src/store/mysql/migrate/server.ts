import migrations from 'virtual:migrations/mysql'
import type { MysqlDsn } from '../../../config/dsn.ts'
import type { Account } from '../../../domain/account.ts'
import type { MigrateOptions, Migration, MigrationReport } from '../../migration.ts'
import { mysqlFault } from '../faults.ts'
import { createAccounts } from './accounts.ts'
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
  options: MigrateOptions & { readonly accounts?: readonly Account[] },
  known: readonly Migration[] = migrations,
): Promise<MigrationReport> {
  const { dryRun = false, createDatabase = false, accounts = [] } = options
  try {
    await using session = await MigrationSession.open(dsn, createDatabase && !dryRun)
    if (!dryRun) await takeLock(session, dsn.database)
    const protection = session.engine.history ? await readProtection(session) : undefined
    const { present, pending } = await readProgress(session, known)
    if (!dryRun) {
      if (protection) await protectTables(session, protection)
      await applyAll(session, pending, options)
      await createAccounts(session, dsn.database, accounts)
    }
    return {
      present: present.map(tagOf),
      applied: pending.map(tagOf),
      prepared: protection?.steps ?? [],
      accounts: accounts.map(({ name }) => name),
    }
  } catch (error) {
    const fault = mysqlFault(error, dsn.shown)
    if (dryRun && createDatabase && fault.code === 'unknown_database')
      return fromNothing(dsn, known, accounts)
    throw fault
  }
}

/** What a dry run tells of a database that would have to be created first. */
function fromNothing(
  { database }: MysqlDsn,
  known: readonly Migration[],
  accounts: readonly Account[],
): MigrationReport {
  return {
    present: [],
    applied: known.map(tagOf),
    prepared: [`create the database ${database}`],
    accounts: accounts.map(({ name }) => name),
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
