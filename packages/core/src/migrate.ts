import { resolve } from 'node:path'
import { resolveBoard } from './config/board.ts'
import type { Environment } from './config/folders.ts'
import { readPassword } from './config/password.ts'
import { type Account, invalidAccount } from './domain/account.ts'
import { PresenceError } from './domain/fault.ts'
import { requireNode } from './node-version.ts'
import type { MigrateOptions, MigrationReport } from './store/migration.ts'

/** An account to create or update on the board's database server, once the tables exist. */
export interface AccountOptions {
  /** The account's name on the database server. */
  readonly name: string
  /** The file whose first line is the account's password. A relative path starts from `cwd`. */
  readonly passwordFile: string
  /**
   * `board`: what every verb but `migrate` needs. `database`: all rights in one database.
   * @default 'board'
   */
  readonly rights?: 'board' | 'database'
  /**
   * The database for the rights `database`.
   * @default the board's own database
   */
  readonly database?: string
}

/** The options of {@link migrate}. */
export interface MigrateBoardOptions extends MigrateOptions {
  /**
   * The board's DSN: `mysql://user@host/database` or `sqlite:FILE`.
   * @default `PRESENCE_DSN`, the project's or the user's config file, or else the embedded board
   */
  readonly dsn?: string
  /**
   * The environment variables to read.
   * @default `process.env`
   */
  readonly env?: Environment
  /**
   * The folder to search for config files.
   * @default `process.cwd()`
   */
  readonly cwd?: string
  /**
   * Accounts to create or update on the database server. A board in a file has none.
   * @default none
   */
  readonly accounts?: readonly AccountOptions[]
}

/**
 * Migrates a board's schema to the version that this presence needs. It takes a lock, so it is safe to run
 * twice and in parallel. It has no deadline.
 *
 * A board in a file migrates itself when it is opened; a board on a database server needs this once for each
 * new version.
 *
 * @throws {@link PresenceError} `invalid_dsn` if the DSN names a presence server; `invalid_config` for
 *   accounts on a board in a file; `staged_changes`, `migration_failed`, and the codes that any call can throw
 *
 * @example
 * ```ts
 * const { applied, version } = await migrate({ onProgress: line => console.log(line) })
 * console.log(`${applied.length} steps applied; the schema is at version ${version}`)
 * ```
 */
export async function migrate(options: MigrateBoardOptions = {}): Promise<MigrationReport> {
  requireNode()
  const { env = process.env, cwd = process.cwd() } = options
  const { dsn, skipped } = await resolveBoard(options.dsn, env, cwd)
  for (const { message, remedy } of skipped) options.onProgress?.(`note: ${message}; ${remedy}`)
  if (dsn.scheme === 'http')
    throw new PresenceError(
      'invalid_dsn',
      `the board at ${dsn.shown} is a presence server's, which doesn't migrate for its clients`,
      "run presence migrate where the server runs, with the database's own DSN: mysql://…",
    )
  const accounts = (options.accounts ?? []).map(account => withItsPassword(account, cwd))
  if (dsn.scheme === 'sqlite') {
    if (accounts.length > 0) throw fileHasNone(dsn.shown)
    const { migrateFile } = await import('./store/sqlite/migrate-file.ts')
    return migrateFile(dsn.file, options)
  }
  const { migrateServer } = await import('./store/mysql/migrate/server.ts')
  return migrateServer(dsn, { ...options, accounts })
}

function withItsPassword(
  { passwordFile, rights = 'board', ...account }: AccountOptions,
  cwd: string,
): Account {
  const password = readPassword(resolve(cwd, passwordFile), `the password file of ${account.name}`)
  const whole = { ...account, rights, password }
  const fault = invalidAccount(whole)
  if (fault) throw fault
  return whole
}

function fileHasNone(board: string): PresenceError {
  return new PresenceError(
    'invalid_config',
    `the board ${board} is a file, which has no accounts`,
    'name a server in the DSN, or leave the account out',
  )
}
