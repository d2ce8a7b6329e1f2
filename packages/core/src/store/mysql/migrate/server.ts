import migrations from 'virtual:migrations/mysql'
import type { MysqlDsn } from '../../../config/dsn.ts'
import type { Account } from '../../../domain/account.ts'
import { type FaultCode, PresenceError } from '../../../domain/fault.ts'
import { oneLine } from '../../../domain/text.ts'
import {
  type MigrateOptions,
  type Migration,
  type MigrationReport,
  NO_VERSIONS,
  restoring,
  restoringStep,
  versionOf,
  versionsAfter,
} from '../../migration.ts'
import { unmigratable } from '../../versions.ts'
import { mysqlFault } from '../faults.ts'
import { createAccounts } from './accounts.ts'
import {
  createBookkeeping,
  progressOf,
  readAdopted,
  readApplied,
  readMissing,
  recordApplied,
} from './bookkeeping.ts'
import { protectTables, readProtection } from './dolt.ts'
import { takeLock } from './lock.ts'
import { isAlreadyDone, MigrationSession } from './session.ts'

/**
 * Migrates a server's database, or with `dryRun` reports what that would do.
 *
 * @param known the migrations to apply; tests pass fewer to stop midway
 * @throws PresenceError `schema_newer`, `busy`, `staged_changes`, `migration_failed`, or a fault of the
 *   server
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
    const { present, pending, unknown, applied } = progressOf(await readApplied(session), known)
    const missing = await readMissing(session, present)
    const adopted = present.length === 0 ? await readAdopted(session) : []
    const lacking = { unknown, missing: [...missing, ...pending.map(tagOf)] }
    const fault = unmigratable(`the board at ${dsn.shown}`, applied.oldestClient, lacking, versionOf(known))
    if (fault) throw fault
    if (!dryRun) {
      if (protection) await protectTables(session, protection)
      for (const statement of restoring(missing, present)) await applyOnce(session, statement)
      await applyAll(session, pending, options)
      await createAccounts(session, dsn.database, accounts)
    }
    return {
      present: present.map(tagOf),
      applied: pending.map(tagOf),
      prepared: [...adopted, ...(protection?.steps ?? []), ...missing.map(restoringStep)],
      accounts: accounts.map(({ name }) => name),
      ...versionsAfter(applied, pending, known),
    }
  } catch (error) {
    const fault = mysqlFault(error, dsn.shown)
    if (dryRun && createDatabase && fault.code === 'unknown_database')
      return fromNothing(dsn, known, accounts)
    throw fault
  }
}

/** The dry run's report for a database that would have to be created first. */
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
    ...versionsAfter(NO_VERSIONS, known, known),
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
    for (const statement of migration.statements)
      await applyOnce(session, statement).catch(error => {
        throw failedAt(session, migration, error)
      })
    await recordApplied(session, migration)
  }
}

/** Schema changes are not transactional: a change that a killed run made but didn't record counts as done. */
async function applyOnce(session: MigrationSession, statement: string): Promise<void> {
  try {
    await session.query(statement)
  } catch (error) {
    if (!isAlreadyDone(error)) throw error
    await session.query('ROLLBACK')
  }
}

/**
 * Faults that, during a migration, mean that its own statement is wrong. Elsewhere the same errors mean an
 * older board.
 */
const OWN_FAULTS: ReadonlySet<FaultCode> = new Set(['unexpected', 'schema_missing', 'schema_older'])

function failedAt({ shown }: MigrationSession, { tag }: Migration, error: unknown): unknown {
  if (!OWN_FAULTS.has(mysqlFault(error, shown).code)) return error
  return new PresenceError(
    'migration_failed',
    `the migration ${tag} of the board at ${shown} failed: ${oneLine((error as Error).message)}`,
    'the board keeps the schema that it has; fix the migration, then run presence migrate again: finished steps are not repeated',
    { cause: error },
  )
}

function tagOf(migration: Migration): string {
  return migration.tag
}
