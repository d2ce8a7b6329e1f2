/** What can go wrong with a board. Each is one kind of trouble with one remedy, whatever the store. */
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

interface FaultOptions {
  readonly cause?: unknown
  readonly queued?: boolean
  readonly retryAt?: Date | undefined
}

/**
 * A fault of the board or of what leads to it, thrown by every face. A refusal (`Refusal`) is not one.
 * The message states the fact and the remedy says what to do; neither ever holds a password.
 */
export class PresenceError extends Error {
  override readonly name = 'PresenceError'
  readonly code: FaultCode
  readonly remedy: string
  /** G6: since when what stands on the board is unknown. This host's clock: the database's can't be had. */
  readonly since: Date
  /** What was asked for is queued and goes out at the next contact. */
  readonly queued: boolean
  /** Before this moment the server asked not to be contacted again. */
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

/** No connection to the board, or no answer on it: it does not matter what was asked. */
const OUTAGES: ReadonlySet<FaultCode> = new Set(['unreachable', 'too_many_connections', 'tls_failed'])

export function isOutage(error: unknown): error is PresenceError {
  return isFault(error) && OUTAGES.has(error.code)
}

/** Is it one of ours? By its name: the command and the server are bundles with a copy of the class each. */
export function isFault(error: unknown): error is PresenceError {
  return error instanceof Error && error.name === 'PresenceError'
}
