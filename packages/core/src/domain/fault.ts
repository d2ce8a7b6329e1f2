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
 * | `untrusted` | a project's config file names the board, and this user hasn't trusted it: run `presence trust` |
 * | `cannot_start` | presence can't run here: Node is too old, or the driver mysql2 is not installed or can't run in a bundle |
 * | `sandboxed` | the agent's sandbox keeps this process from the board |
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
  'untrusted',
  'cannot_start',
  'sandboxed',
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

/**
 * What a fault means for the call that failed with it (G7). Everything that depends on the kind of a fault is decided
 * by this: exit statuses, the outbox, the circuit breaker, and what agents and clients over HTTP are told.
 *
 * - `outage`: there is no connection to the board. This does not depend on the call.
 * - `late`: the board is there, and gave no answer in time.
 * - `unknown`: presence doesn't know this error. It may pass.
 * - `fix`: it stays until somebody corrects something: the configuration, the account, the version, what this process
 *   may do, or the call itself.
 * - `failed`: it is not about a call on the board.
 */
export type FaultNature = 'outage' | 'late' | 'unknown' | 'fix' | 'failed'

/** A new code has to be decided on here. */
const NATURES: Readonly<Record<FaultCode, FaultNature>> = {
  unreachable: 'outage',
  too_many_connections: 'outage',
  // The certificate may be renewed, or the proxy restarted, without a change on this side.
  tls_failed: 'outage',
  too_slow: 'late',
  busy: 'late',
  unexpected: 'unknown',
  access_denied: 'fix',
  unknown_database: 'fix',
  unknown_branch: 'fix',
  schema_missing: 'fix',
  schema_older: 'fix',
  schema_newer: 'fix',
  server_older: 'fix',
  server_newer: 'fix',
  rejected: 'fix',
  // A server that is read-only for a while can't be told from a DSN that names a replica.
  read_only: 'fix',
  full: 'fix',
  damaged: 'fix',
  not_writable: 'fix',
  staged_changes: 'fix',
  untrusted: 'fix',
  cannot_start: 'fix',
  sandboxed: 'fix',
  invalid_dsn: 'fix',
  invalid_config: 'fix',
  invalid_session: 'fix',
  invalid_label: 'fix',
  cannot_listen: 'failed',
  migration_failed: 'failed',
  git_failed: 'failed',
  lease_lost: 'failed',
}

export function natureOf(code: FaultCode): FaultNature {
  return NATURES[code]
}

/** There is no connection to the board, or no answer on it. This does not depend on the request. */
export function isOutage(error: unknown): error is PresenceError {
  return isFault(error) && natureOf(error.code) === 'outage'
}

/** The board gave no answer now, and may answer later. */
export function isUnanswered(error: unknown): error is PresenceError {
  return isOutage(error) || (isFault(error) && natureOf(error.code) === 'late')
}

/** It may pass by itself, so the same call may succeed later. */
export function mayPass(error: unknown): error is PresenceError {
  return isUnanswered(error) || (isFault(error) && natureOf(error.code) === 'unknown')
}

/**
 * It stays until somebody corrects something. A call that fails with it is not queued, and a command that makes it
 * exits with 2 (G7).
 */
export function needsFix(error: unknown): error is PresenceError {
  return isFault(error) && natureOf(error.code) === 'fix'
}

/**
 * Faults between a presence server and its own database. Only the server's operator can do something about them. For
 * its clients the board doesn't answer, and may answer later.
 */
const SERVERS_OWN: ReadonlySet<FaultCode> = new Set([
  'access_denied',
  'unknown_database',
  'unknown_branch',
  'read_only',
  'full',
  'damaged',
  'not_writable',
  'untrusted',
  'cannot_start',
  'sandboxed',
  'invalid_dsn',
  'invalid_config',
])

export function isServersOwn(code: FaultCode): boolean {
  return SERVERS_OWN.has(code)
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
