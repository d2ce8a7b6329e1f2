import type { Account } from '../../../domain/account.ts'
import { PresenceError } from '../../../domain/fault.ts'
import type { Engine } from '../engine.ts'
import { isDenied, numberOf } from '../faults.ts'
import { CLIENT_GRANTS } from '../grants.ts'
import type { MigrationSession } from './session.ts'

/**
 * Creates the accounts that the server lacks, sets each one's password and grants what it is for. To be run again as
 * often as one likes; it takes nothing from an account that has more.
 *
 * @param accounts each of them valid (`invalidAccount`)
 * @throws PresenceError `access_denied`; nothing that is thrown holds a password
 */
export async function createAccounts(
  session: MigrationSession,
  database: string,
  accounts: readonly Account[],
): Promise<void> {
  if (accounts.length === 0) return
  // A backslash is doubled below, which this mode would take for two.
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

/** In a grant on a whole database MySQL takes `_` and `%` for wildcards, unless a backslash stands before them. */
function pattern(database: string, { grantWildcards }: Pick<Engine, 'grantWildcards'>): string {
  return identifier(grantWildcards ? database.replaceAll(/[_%]/g, '\\$&') : database)
}

function identifier(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

/** IDENTIFIED BY takes a quoted text only: neither a placeholder nor hexadecimal. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}

/** The driver's error holds the statement, and so may the server's words: neither goes on from here. */
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
