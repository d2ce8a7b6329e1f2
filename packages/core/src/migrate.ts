import { resolve } from 'node:path'
import { resolveBoard } from './config/board.ts'
import type { Environment } from './config/folders.ts'
import { readPassword } from './config/password.ts'
import { type Account, invalidAccount } from './domain/account.ts'
import { PresenceError } from './domain/fault.ts'
import type { MigrateOptions, MigrationReport } from './store/migration.ts'

/** An account to create or update on the board's database server, once the tables exist. */
export interface AccountOptions {
  readonly name: string
  /** The file whose first line is the account's password. */
  readonly passwordFile: string
  /**
   * `board`: what every verb but `migrate` needs. `database`: all rights in one database.
   * @default 'board'
   */
  readonly rights?: Account['rights']
  /**
   * The database for the rights `database`.
   * @default the board's own database
   */
  readonly database?: string
}

export interface MigrateBoardOptions extends MigrateOptions {
  readonly dsn?: string
  readonly env?: Environment
  readonly cwd?: string
  readonly accounts?: readonly AccountOptions[]
}

/**
 * Migrates a board's schema to the version that this presence needs. It takes a lock, so it is safe to run
 * twice and in parallel.
 *
 * @throws PresenceError also for faults that only cause a warning in an advisory call
 */
export async function migrate(options: MigrateBoardOptions = {}): Promise<MigrationReport> {
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
