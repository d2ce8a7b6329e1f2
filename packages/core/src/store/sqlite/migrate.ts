import type { DatabaseSync } from 'node:sqlite'
import migrations from 'virtual:migrations/sqlite'
import { pathOf } from '../../domain/agent-text.ts'
import {
  type Migration,
  type MigrationReport,
  OLDEST_CLIENT,
  restoring,
  restoringStep,
  STORES_OLDEST_CLIENT,
  type StoredVersions,
  tablesOf,
  versionOf,
  versionsAfter,
} from '../migration.ts'
import type { SchemaProgress } from '../probe.ts'
import { unmigratable, unusable } from '../versions.ts'
import { bookkeeping } from './known-schema.ts'
import { checkSchema } from './safe-schema.ts'

/**
 * Applies the missing steps in one immediate transaction. `user_version` counts the applied steps and is read
 * without a table, so checking an up-to-date board costs one pragma.
 *
 * @param thorough also looks for dropped tables, which is too slow for every command
 * @param known the steps to apply; tests pass others to play another version
 * @throws PresenceError `schema_newer` if a newer presence has migrated the file and locked this one out
 */
export function bringUpToDate(
  db: DatabaseSync,
  file: string,
  thorough = false,
  known: readonly Migration[] = migrations,
): MigrationReport {
  if (!thorough && appliedCount(db) >= known.length) return upToDate(db, file, known)
  db.exec('BEGIN IMMEDIATE')
  try {
    // Another process may have changed the schema since it was checked; from here on none can.
    checkSchema(db, file)
    const report = pendingOf(db, file, known)
    const count = appliedCount(db)
    for (const statement of restoring(missingTables(db, count, known), known.slice(0, count)))
      db.exec(statement)
    db.exec(bookkeeping(count))
    for (const migration of known.slice(count)) apply(db, migration)
    if (count < known.length) db.exec(`PRAGMA user_version = ${known.length}`)
    db.exec('COMMIT')
    return report
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

/** The changes that `bringUpToDate` would make, found without changing anything. */
export function pendingOf(
  db: DatabaseSync,
  file: string,
  known: readonly Migration[] = migrations,
): MigrationReport {
  const { present, pending, unknown, missing, ...versions } = progressOf(db, known)
  const lacking = { unknown, missing: [...missing, ...pending] }
  const fault = unmigratable(`the board ${pathOf(file)}`, versions.oldestClient, lacking, versionOf(known))
  if (fault) throw fault
  return {
    present,
    applied: pending,
    prepared: missing.map(restoringStep),
    accounts: [],
    ...versionsAfter(storedVersions(db, known), known.slice(present.length), known),
  }
}

/** The steps that the file has and lacks, and its versions. */
export function progressOf(db: DatabaseSync, known: readonly Migration[] = migrations): SchemaProgress {
  const count = appliedCount(db)
  const tags = known.map(({ tag }) => tag)
  return {
    present: tags.slice(0, count),
    pending: tags.slice(count),
    unknown: count > known.length ? tagsFrom(db, known.length) : [],
    missing: missingTables(db, count, known),
    ...versionsAfter(storedVersions(db, known), [], known),
  }
}

/** How many steps the file has. */
function appliedCount(db: DatabaseSync): number {
  const row = db.prepare('PRAGMA user_version').get()
  return Number(row?.['user_version'] ?? 0)
}

/**
 * The report for a file with every step that this presence knows. Only a newer presence may have locked this
 * one out.
 */
function upToDate(db: DatabaseSync, file: string, known: readonly Migration[]): MigrationReport {
  const versions = versionsAfter(storedVersions(db, known), [], known)
  const fault = unusable(`the board ${pathOf(file)}`, versions, versionOf(known))
  if (fault) throw fault
  return { present: known.map(({ tag }) => tag), applied: [], prepared: [], accounts: [], ...versions }
}

/**
 * The file's versions. The table is read only if a newer presence has migrated the file, because the steps of
 * that presence aren't known here.
 */
function storedVersions(db: DatabaseSync, known: readonly Migration[]): StoredVersions {
  const version = appliedCount(db) - 1
  const own = known[version]
  if (version < STORES_OLDEST_CLIENT || own) return { version, oldestClient: own?.oldestClient ?? version }
  const sql = `SELECT MAX(version) AS version, ${OLDEST_CLIENT} AS oldest FROM presence_migrations`
  const row = db.prepare(sql).get()
  // A file that doesn't record its newest step doesn't tell which clients may use it.
  return { version, oldestClient: row?.['version'] === version ? Number(row['oldest']) : version }
}

function apply(db: DatabaseSync, { version, tag, hash, oldestClient, statements }: Migration): void {
  for (const statement of statements) db.exec(statement)
  const values = {
    version,
    tag,
    hash,
    ...(version < STORES_OLDEST_CLIENT ? {} : { oldest_client: oldestClient }),
  }
  const names = Object.keys(values)
  db.prepare(
    `INSERT INTO presence_migrations (${names.join(', ')}, applied_at)
     VALUES (${names.map(name => `:${name}`).join(', ')}, CAST(unixepoch('subsec') * 1000 AS INTEGER))`,
  ).run(values)
}

function tagsFrom(db: DatabaseSync, version: number): readonly string[] {
  const rows = db
    .prepare('SELECT tag FROM presence_migrations WHERE version >= ? ORDER BY version')
    .all(version)
  return rows.map(row => String(row['tag']))
}

/** The tables that the first `count` migrations created and that no longer exist. */
function missingTables(db: DatabaseSync, count: number, known: readonly Migration[]): readonly string[] {
  const rows = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all()
  const there = new Set(rows.map(row => String(row['name'])))
  return tablesOf(known.slice(0, count)).filter(table => !there.has(table))
}
