/** One step of the schema, from the folder `migrations/<dialect>`. */
export interface Migration {
  /** Its place in the journal, from 0. Order comes from this alone, never from a date. */
  readonly version: number
  readonly tag: string
  /** SHA-256 of the file, in hex. */
  readonly hash: string
  /** The oldest client version that may use a board with this step: see `migrations/steps.ts`. */
  readonly oldestClient: number
  readonly statements: readonly string[]
}

/** What `presence migrate` found and did. */
export interface MigrationReport extends BoardVersions {
  /** Tags that were on the board already, in order. */
  readonly present: readonly string[]
  /** Tags that this run applied, or under `dryRun` would apply. */
  readonly applied: readonly string[]
  /** What else was done to the database, or would be: a sentence each. */
  readonly prepared: readonly string[]
  /** Names of the accounts that were created or brought up to date, or would be. */
  readonly accounts: readonly string[]
}

/** A board's two version numbers; in a dry run's report, what they would be. */
export interface StoredVersions {
  /** Its newest step; -1 where none is recorded. */
  readonly version: number
  /** The oldest client version that may use it. */
  readonly oldestClient: number
}

/** The same, and what they mean for the client that read them. */
export interface BoardVersions extends StoredVersions {
  /** The version of the client that ran: its newest step. Below the board's where a newer presence has migrated it. */
  readonly clientVersion: number
  /** Set where this run raised `oldestClient`: older clients that could use the board before no longer can. */
  readonly locksOutBelow?: number
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

/** No step is recorded. */
export const NO_VERSIONS: StoredVersions = { version: -1, oldestClient: -1 }

/** The step that adds the column `oldest_client`. Clients before it accept exactly their own version. */
export const STORES_OLDEST_CLIENT = 6

/**
 * The oldest client that may use a board, as SQL. A step that names none was recorded by a client that accepts exactly
 * its own version, and so locks out every older one.
 */
export const OLDEST_CLIENT = 'MAX(COALESCE(oldest_client, version))'

/**
 * A board's versions once `pending` is applied, and whom that locks out.
 *
 * @param known the steps of the client that runs
 */
export function versionsAfter(
  now: StoredVersions,
  pending: readonly Migration[],
  known: readonly Migration[],
): BoardVersions {
  const oldestClient = Math.max(now.oldestClient, ...pending.map(each => each.oldestClient))
  const raised = now.version >= 0 && oldestClient > now.oldestClient
  return {
    version: Math.max(now.version, ...pending.map(({ version }) => version)),
    oldestClient,
    clientVersion: versionOf(known),
    ...(raised ? { locksOutBelow: oldestClient } : {}),
  }
}

/** What people should know of a board's versions after a run, a sentence each: whom it locks out, who is behind. */
export function versionNotes(versions: BoardVersions, dryRun = false): readonly string[] {
  const { version, clientVersion, locksOutBelow } = versions
  const behind = `the board has version ${version}, newer than this presence (${clientVersion}), which may go on using it`
  const can = dryRun ? 'could no longer' : 'can no longer'
  return [
    ...(locksOutBelow === undefined
      ? []
      : [`clients older than version ${locksOutBelow} ${can} use this board: upgrade presence there`]),
    ...(version > clientVersion ? [behind] : []),
  ]
}

/** The schema version that a set of migrations leads to. */
export function versionOf(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.version ?? -1
}
