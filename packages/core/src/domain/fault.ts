/**
 * The code of each {@link PresenceError}. Each code is one kind of trouble with one remedy, the same on every
 * store.
 *
 * | code | meaning |
 * | --- | --- |
 * | `unreachable` | nothing answers at the address, or the connection broke |
 * | `too_slow` | no answer came within the deadline |
 * | `too_many_connections` | the server takes no further connection |
 * | `access_denied` | the account, password or token is wrong, or lacks a right |
 * | `tls_failed` | no TLS connection can be made as the DSN asks |
 * | `unknown_database` | the server has no database of this name |
 * | `unknown_branch` | the database has no branch of this name |
 * | `schema_missing` | the database has no board yet: run `presence migrate` |
 * | `schema_older` | the board needs `presence migrate` before this version can use it |
 * | `schema_newer` | the board needs a newer version of presence |
 * | `server_older` | the presence server is older than this client |
 * | `server_newer` | the presence server needs a newer client |
 * | `busy` | others write the same rows at once, or ask too often: try again |
 * | `rejected` | the board can never store this request |
 * | `lease_lost` | the reason of a lease's signal: see `Lease` |
 * | `read_only` | the database or the file system is read-only |
 * | `full` | the disk is full |
 * | `damaged` | the file is damaged, or is not a board |
 * | `not_writable` | a file or folder can't be written |
 * | `staged_changes` | another tool has staged changes, which a migration would commit |
 * | `migration_failed` | a step of a migration failed |
 * | `cannot_listen` | a server can't listen on its address |
 * | `invalid_dsn` | the DSN is not valid, or not for this purpose |
 * | `invalid_config` | a config file or an option is not valid |
 * | `invalid_session` | the id of the session is not valid |
 * | `invalid_label` | the label to watch is not valid |
 * | `git_failed` | git failed |
 * | `unexpected` | anything else: report it with its message |
 */
export const FAULT_CODES = [
  'unreachable',
  'too_slow',
  'too_many_connections',
  'access_denied',
  'tls_failed',
  'unknown_database',
  'unknown_branch',
  'schema_missing',
  'schema_older',
  'schema_newer',
  'server_older',
  'server_newer',
  'busy',
  'rejected',
  'lease_lost',
  'read_only',
  'full',
  'damaged',
  'not_writable',
  'staged_changes',
  'migration_failed',
  'cannot_listen',
  'invalid_dsn',
  'invalid_config',
  'invalid_session',
  'invalid_label',
  'git_failed',
  'unexpected',
] as const
/** The code of a {@link PresenceError}: one of {@link FAULT_CODES}. */
export type FaultCode = (typeof FAULT_CODES)[number]

/** The fields of a {@link PresenceError} besides its code, message and remedy. */
export interface FaultOptions {
  /**
   * The error that caused it.
   * @default none
   */
  readonly cause?: unknown
  /**
   * Whether the call was stored in the outbox.
   * @default false
   */
  readonly queued?: boolean
  /**
   * The moment before which the server asks not to be contacted again.
   * @default none
   */
  readonly retryAt?: Date | undefined
}

/**
 * A failure of the board or of the path to it, thrown by every interface. A refusal ({@link Refusal}) is not
 * a failure.
 *
 * `message` states the fact, and `remedy` says what to do. Neither ever contains a password.
 *
 * @example
 * ```ts
 * try {
 *   await board.heartbeat()
 * } catch (error) {
 *   if (!isFault(error)) throw error
 *   console.error(`${error.message}; ${error.remedy}`)
 * }
 * ```
 */
export class PresenceError extends Error {
  /** Always `PresenceError`: see {@link isFault}. */
  override readonly name = 'PresenceError'
  /** The kind of failure. */
  readonly code: FaultCode
  /** What to do about it, in one sentence or command. */
  readonly remedy: string
  /**
   * Since when the state of the board has been unknown (G6), by this host's clock, because the database's can't be
   * read.
   */
  readonly since: Date
  /** Whether the call was stored in the outbox, to be delivered at the next contact. */
  readonly queued: boolean
  /** The server asked not to be contacted again before this moment. */
  readonly retryAt: Date | undefined

  constructor(code: FaultCode, message: string, remedy: string, options: FaultOptions = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.remedy = remedy
    this.since = new Date()
    this.queued = options.queued ?? false
    this.retryAt = options.retryAt
  }
}

/** There is no connection to the board, or no answer on it. This does not depend on the request. */
const OUTAGES: ReadonlySet<FaultCode> = new Set(['unreachable', 'too_many_connections', 'tls_failed'])

export function isOutage(error: unknown): error is PresenceError {
  return isFault(error) && OUTAGES.has(error.code)
}

/**
 * Whether an error is a {@link PresenceError}. Checked by name, because the command and the server are
 * bundles with one copy of the class each.
 *
 * @example
 * ```ts
 * const said = await board.list().catch(error => {
 *   if (isFault(error) && error.code === 'unreachable') return undefined
 *   throw error
 * })
 * if (said === undefined) console.log('the state of the board is unknown')
 * ```
 */
export function isFault(error: unknown): error is PresenceError {
  return error instanceof Error && error.name === 'PresenceError'
}
