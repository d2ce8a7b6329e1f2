import { PresenceError } from './fault.ts'

/** An account of the database server that a migration creates on request. */
export interface Account {
  readonly name: string
  readonly password: string
  /**
   * `board`: what the board's verbs need. `database`: all rights in one database, as a task tracker on the
   * same server needs.
   */
  readonly rights: 'board' | 'database'
  /**
   * The database for the rights `database`.
   * @default the board's own database
   */
  readonly database?: string
}

/**
 * Returns why an account can't be created, if there is a reason. The password is set by an SQL text, so only
 * characters that are safe there are accepted.
 */
export function invalidAccount({ name, password }: Account): PresenceError | undefined {
  if (!/^[A-Za-z0-9_.-]{1,32}$/.test(name))
    return invalid(`the account name ${JSON.stringify(name)} is not valid`, 'use letters, digits, _ . and -')
  if (password === '')
    return invalid(
      `the account ${name} has no password`,
      'give it one: without it, anyone who reaches the server can use the account',
    )
  if (/\p{Cc}/u.test(password))
    return invalid(`the password of ${name} has a control character`, 'give it another one')
  return undefined
}

function invalid(message: string, remedy: string): PresenceError {
  return new PresenceError('invalid_config', message, remedy)
}
