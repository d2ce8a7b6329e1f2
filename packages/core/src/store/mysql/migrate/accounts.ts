import type { Account } from '../../../domain/account.ts'
import { PresenceError } from '../../../domain/fault.ts'
import type { Engine } from '../engine.ts'
import { isDenied, numberOf } from '../faults.ts'
import { CLIENT_GRANTS } from '../grants.ts'
import type { MigrationSession } from './session.ts'

/**
 * Creates the accounts that the server lacks, sets each one's password and grants its rights. It can be run
 * again at any time, and never takes rights away from an account.
 *
 * @param accounts valid accounts (see `invalidAccount`)
 * @throws PresenceError `access_denied`; no error contains a password
 */
export async function createAccounts(
  session: MigrationSession,
  database: string,
  accounts: readonly Account[],
): Promise<void> {
  if (accounts.length === 0) return
  // `quoted` doubles each backslash, which would stay doubled in this mode.
  await session.query("SET SESSION sql_mode = REPLACE(@@sql_mode, 'NO_BACKSLASH_ESCAPES', '')")
  for (const account of accounts)
    for (const statement of statementsFor(account, database, session.engine))
      await session.query(statement).catch(error => {
        throw withoutSecret(error, account, session.shown)
      })
}

function statementsFor(
  { name, password, rights, database: own }: Account,
  board: string,
  engine: Pick<Engine, 'grantWildcards'>,
): readonly string[] {
  const user = `'${name}'@'%'`
  const grants =
    rights === 'database'
      ? [['ALL PRIVILEGES', `${pattern(own ?? board, engine)}.*`]]
      : CLIENT_GRANTS.map(([table, privileges]) => [privileges, `${identifier(board)}.${table}`])
  return [
    `CREATE USER IF NOT EXISTS ${user} IDENTIFIED BY ${quoted(password)}`,
    `ALTER USER ${user} IDENTIFIED BY ${quoted(password)}`,
    ...grants.map(([what, on]) => `GRANT ${what} ON ${on} TO ${user}`),
  ]
}

/** In a grant on a database, MySQL reads `_` and `%` as wildcards unless a backslash precedes them. */
function pattern(database: string, { grantWildcards }: Pick<Engine, 'grantWildcards'>): string {
  return identifier(grantWildcards ? database.replaceAll(/[_%]/g, '\\$&') : database)
}

function identifier(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

/** IDENTIFIED BY accepts only a quoted text: no placeholder and no hexadecimal. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}

/**
 * The driver's error contains the statement with the password, and the server's message may quote it, so
 * neither is passed on.
 */
function withoutSecret(error: unknown, { name }: Account, board: string): unknown {
  if (error instanceof PresenceError && error.code !== 'access_denied') return error
  const denied = error instanceof PresenceError || isDenied(error)
  return new PresenceError(
    denied ? 'access_denied' : 'unexpected',
    denied
      ? `the board at ${board} does not let this account create the account ${name}`
      : `the board at ${board} could not create the account ${name} (error ${numberOf(error) ?? 'without number'})`,
    denied
      ? 'migrate as an account that may create accounts and grant: root, or one with CREATE USER and GRANT OPTION'
      : "look into the server's log",
  )
}
