/** What can go wrong with a board. Each code is one kind of trouble with one remedy, whatever the store. */
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
export type FaultCode = (typeof FAULT_CODES)[number]

export interface FaultOptions {
  readonly cause?: unknown
  readonly queued?: boolean
  readonly retryAt?: Date | undefined
}

/**
 * A failure of the board or of the path to it, thrown by every interface. A refusal (`Refusal`) is not a
 * failure.
 *
 * `message` states the fact, and `remedy` says what to do. Neither ever contains a password.
 */
export class PresenceError extends Error {
  override readonly name = 'PresenceError'
  readonly code: FaultCode
  readonly remedy: string
  /**
   * Since when the state of the board is unknown (G6), by this host's clock, because the database's can't be
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
 * Whether an error is a `PresenceError`. Checked by name, because the command and the server are bundles with
 * one copy of the class each.
 */
export function isFault(error: unknown): error is PresenceError {
  return error instanceof Error && error.name === 'PresenceError'
}
