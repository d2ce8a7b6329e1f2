import { resolve } from 'node:path'
import { resolveBoard } from './config/board.ts'
import type { Environment } from './config/folders.ts'
import { readPassword } from './config/password.ts'
import { type Account, invalidAccount } from './domain/account.ts'
import { PresenceError } from './domain/fault.ts'
import type { MigrateOptions, MigrationReport } from './store/migration.ts'

/** An account to create on the board's server, or to bring up to date, once the tables are there. */
export interface AccountOptions {
  readonly name: string
  /** The file whose first line is its password. */
  readonly passwordFile: string
  /** `board` unless told: what every verb but `migrate` needs. `database`: everything in one database. */
  readonly rights?: Account['rights']
  /** With the rights `database`, which one; the board's own unless told. */
  readonly database?: string
}

interface MigrateBoardOptions extends MigrateOptions {
  readonly dsn?: string
  readonly env?: Environment
  readonly cwd?: string
  readonly accounts?: readonly AccountOptions[]
}

/**
 * Brings a board's schema to what this presence needs: locked, safe to run twice and side by side.
 *
 * @throws PresenceError also where an advisory call would only warn
 */
export async function migrate(options: MigrateBoardOptions = {}): Promise<MigrationReport> {
  const { env = process.env, cwd = process.cwd() } = options
  const { dsn, skipped } = await resolveBoard(options.dsn, env, cwd)
  for (const { message, remedy } of skipped) options.onProgress?.(`note: ${message}; ${remedy}`)
  if (dsn.scheme === 'http')
    throw new PresenceError(
      'invalid_dsn',
      `the board at ${dsn.shown} is a presence server's, which migrates nothing for its clients`,
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
