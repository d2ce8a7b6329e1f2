/** One step of the schema, from the folder `migrations/<dialect>`. */
export interface Migration {
  /** Its position in the journal, from 0. Steps are ordered by this alone, never by a date. */
  readonly version: number
  readonly tag: string
  /** SHA-256 of the file, in hexadecimal. */
  readonly hash: string
  /** The oldest client version that may use a board with this step; see `migrations/steps.ts`. */
  readonly oldestClient: number
  readonly statements: readonly string[]
}

/** The result of a migration. */
export interface MigrationReport extends BoardVersions {
  /** Tags of the steps that the board already had, in order. */
  readonly present: readonly string[]
  /** Tags of the steps that this run applied, or with `dryRun` would apply. */
  readonly applied: readonly string[]
  /** The other changes that were or would be made to the database, one sentence each. */
  readonly prepared: readonly string[]
  /** Names of the accounts that were or would be created or updated. */
  readonly accounts: readonly string[]
}

/** A board's two version numbers; in a dry run's report, what they would become. */
export interface StoredVersions {
  /** The board's newest step; -1 if none is recorded. */
  readonly version: number
  /** The oldest client version that may use the board. */
  readonly oldestClient: number
}

/** The stored versions, and what they mean for the client that read them. */
export interface BoardVersions extends StoredVersions {
  /**
   * The running client's version: its newest step. Lower than the board's if a newer presence migrated the
   * board.
   */
  readonly clientVersion: number
  /** Set if this run raised `oldestClient`: older clients that could use the board no longer can. */
  readonly locksOutBelow?: number
}

/** How a migration is done. */
export interface MigrateOptions {
  /**
   * Changes nothing and reports what would be done.
   * @default false
   */
  readonly dryRun?: boolean
  /**
   * Creates the DSN's database if the server doesn't have it.
   * @default false
   */
  readonly createDatabase?: boolean
  /** Called with one line for each thing that is done. */
  readonly onProgress?: (line: string) => void
}

/** The tables that these migrations create. Migrations never drop a table. */
export function tablesOf(migrations: readonly Migration[]): readonly string[] {
  const created = statementsOf(migrations).map(statement => CREATED.exec(statement)?.[1])
  return created.filter(table => table !== undefined)
}

/**
 * The statements that recreate dropped tables: those of the applied migrations that name one of them, in
 * order. The bookkeeping records these migrations as applied, so applying the pending ones would not recreate
 * the tables.
 */
export function restoring(tables: readonly string[], migrations: readonly Migration[]): readonly string[] {
  return statementsOf(migrations).filter(statement =>
    tables.some(table => statement.includes(`\`${table}\``)),
  )
}

/** The report's sentence about a recreated table. */
export function restoringStep(table: string): string {
  return `create ${table} again, which was dropped`
}

const CREATED = /CREATE TABLE (?:IF NOT EXISTS )?`(\w+)`/

function statementsOf(migrations: readonly Migration[]): readonly string[] {
  return migrations.flatMap(({ statements }) => statements)
}

/** No step is recorded. */
export const NO_VERSIONS: StoredVersions = { version: -1, oldestClient: -1 }

/** The step that adds the column `oldest_client`. Older clients accept exactly their own version. */
export const STORES_OLDEST_CLIENT = 6

/**
 * SQL for the oldest client that may use a board. A step that names none was recorded by a client that
 * accepts exactly its own version, so it locks out all older clients.
 */
export const OLDEST_CLIENT = 'MAX(COALESCE(oldest_client, version))'

/**
 * A board's versions after `pending` is applied, and which clients that locks out.
 *
 * @param known the running client's steps
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

/**
 * Notes for users about a board's versions after a run, one sentence each: which clients it locks out,
 * and whether this client is older than the board.
 */
export function versionNotes(versions: BoardVersions, dryRun = false): readonly string[] {
  const { version, clientVersion, locksOutBelow } = versions
  const behind = `the board has schema version ${version}; this presence has ${clientVersion}, and may continue to use it`
  const can = dryRun ? 'could no longer' : 'can no longer'
  return [
    ...(locksOutBelow === undefined
      ? []
      : [
          `clients with a schema version below ${locksOutBelow} ${can} use this board: upgrade presence there`,
        ]),
    ...(version > clientVersion ? [behind] : []),
  ]
}

/** The schema version that these migrations lead to. */
export function versionOf(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.version ?? -1
}
