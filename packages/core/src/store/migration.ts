/** One step of the schema, from the folder `migrations/<dialect>`. */
export interface Migration {
  /** Its place in the journal, from 0. Order comes from this alone, never from a date. */
  readonly version: number
  readonly tag: string
  /** SHA-256 of the file, in hex. */
  readonly hash: string
  readonly statements: readonly string[]
}

/** What `presence migrate` found and did. */
export interface MigrationReport {
  /** Tags that were on the board already, in order. */
  readonly present: readonly string[]
  /** Tags that this run applied, or under `dryRun` would apply. */
  readonly applied: readonly string[]
  /** What else was done to the database, or would be: a sentence each. */
  readonly prepared: readonly string[]
  /** Names of the accounts that were created or brought up to date, or would be. */
  readonly accounts: readonly string[]
}

export interface MigrateOptions {
  /** Change nothing; say what would be done. */
  readonly dryRun?: boolean
  /** Create the DSN's database if the server doesn't have it. */
  readonly createDatabase?: boolean
  /** Told what is being done, a line each. */
  readonly onProgress?: (line: string) => void
}

/** The tables that these migrations create. The schema only grows, so none of them goes again by itself. */
export function tablesOf(migrations: readonly Migration[]): readonly string[] {
  const created = statementsOf(migrations).map(statement => CREATED.exec(statement)?.[1])
  return created.filter(table => table !== undefined)
}

/**
 * What makes tables anew that were dropped: of applied migrations the statements that name one of them, in order.
 * The bookkeeping says that they were run, so no run of what is pending would.
 */
export function restoring(tables: readonly string[], migrations: readonly Migration[]): readonly string[] {
  return statementsOf(migrations).filter(statement =>
    tables.some(table => statement.includes(`\`${table}\``)),
  )
}

/** A step of a report: what `restoring` does. */
export function restoringStep(table: string): string {
  return `make ${table} anew, which was dropped`
}

const CREATED = /CREATE TABLE (?:IF NOT EXISTS )?`(\w+)`/

function statementsOf(migrations: readonly Migration[]): readonly string[] {
  return migrations.flatMap(({ statements }) => statements)
}

/** The schema version that a set of migrations leads to. */
export function versionOf(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.version ?? -1
}
