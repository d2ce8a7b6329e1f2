import type { DatabaseSync } from 'node:sqlite'
import migrations from 'virtual:migrations/sqlite'
import { PresenceError } from '../../domain/fault.ts'
import { type MigrationReport, restoring, restoringStep, tablesOf, versionOf } from '../migration.ts'
import type { SchemaProgress } from '../probe.ts'

const BOOKKEEPING = `CREATE TABLE IF NOT EXISTS presence_migrations (
  version INTEGER NOT NULL PRIMARY KEY, tag TEXT NOT NULL, hash TEXT NOT NULL, applied_at INTEGER NOT NULL)`

/**
 * Applies what the file lacks, in one immediate transaction. `user_version` counts the applied migrations and is read
 * without a table, so a board that is up to date costs one pragma.
 *
 * @param thorough look for tables that were dropped, too, which every command would pay for
 */
export function bringUpToDate(db: DatabaseSync, file: string, thorough = false): MigrationReport {
  if (!thorough && appliedCount(db) === migrations.length) return reportOf(migrations.length, [])
  db.exec('BEGIN IMMEDIATE')
  try {
    const count = appliedCount(db)
    refuseNewer(count, file)
    const missing = missingTables(db, count)
    for (const statement of restoring(missing, migrations.slice(0, count))) db.exec(statement)
    db.exec(BOOKKEEPING)
    const record = db.prepare('INSERT INTO presence_migrations VALUES (?, ?, ?, unixepoch() * 1000)')
    for (const { version, tag, hash, statements } of migrations.slice(count)) {
      for (const statement of statements) db.exec(statement)
      record.run(version, tag, hash)
    }
    db.exec(`PRAGMA user_version = ${migrations.length}`)
    db.exec('COMMIT')
    return reportOf(count, missing)
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

/** What `bringUpToDate` would do, read without changing anything. */
export function pendingOf(db: DatabaseSync, file: string): MigrationReport {
  const count = appliedCount(db)
  refuseNewer(count, file)
  return reportOf(count, missingTables(db, count))
}

/** What the file has and lacks; of steps that only a newer presence knows, their number. */
export function progressOf(db: DatabaseSync): SchemaProgress {
  const count = appliedCount(db)
  const { present, applied } = reportOf(count, [])
  return {
    present,
    pending: applied,
    unknown: count > migrations.length ? [`version ${count - 1}`] : [],
    missing: missingTables(db, count),
  }
}

function reportOf(count: number, missing: readonly string[]): MigrationReport {
  const tags = migrations.map(({ tag }) => tag)
  return {
    present: tags.slice(0, count),
    applied: tags.slice(count),
    prepared: missing.map(restoringStep),
    accounts: [],
  }
}

/** The tables that the first `count` migrations made and that are gone. */
function missingTables(db: DatabaseSync, count: number): readonly string[] {
  const rows = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all()
  const there = new Set(rows.map(row => String(row['name'])))
  return tablesOf(migrations.slice(0, count)).filter(table => !there.has(table))
}

function refuseNewer(count: number, file: string): void {
  if (count > migrations.length)
    throw new PresenceError(
      'schema_newer',
      `the board ${file} has schema version ${count - 1}; this presence knows up to ${versionOf(migrations)}`,
      'install a newer presence',
    )
}

function appliedCount(db: DatabaseSync): number {
  const row = db.prepare('PRAGMA user_version').get()
  return Number(row?.['user_version'] ?? 0)
}
