import { type FaultCode, PresenceError } from '../../domain/fault.ts'

/** What a driver's error tells. Dolt gives most of its errors the number 1105 and no name. */
interface DriverError {
  readonly errno?: number
  readonly code?: string
  readonly message?: string
}

const MIGRATE = 'run: presence migrate'

/** By the server's error number. */
const BY_NUMBER: Readonly<Record<number, readonly [FaultCode, string, string]>> = {
  1040: [
    'too_many_connections',
    'is unreachable: it takes no more connections',
    'try again, or raise its max_connections',
  ],
  1203: [
    'too_many_connections',
    'is unreachable: it takes no more connections',
    'try again, or raise its max_connections',
  ],
  1044: ['access_denied', 'denies this account the database', 'check user, password and grants, and the DSN'],
  1045: ['access_denied', 'denies access: wrong user or password', 'check user and password in the DSN'],
  1698: ['access_denied', 'denies access: wrong user or password', 'check user and password in the DSN'],
  1142: [
    'access_denied',
    'denies this account a table of the board',
    'grant SELECT, INSERT, UPDATE, DELETE on it',
  ],
  1143: [
    'access_denied',
    'denies this account a column of the board',
    'grant SELECT, INSERT, UPDATE, DELETE on it',
  ],
  1049: [
    'unknown_database',
    'has no such database',
    'check the DSN, or create it: presence migrate --create-database',
  ],
  1146: ['schema_missing', 'has no board in this database', MIGRATE],
  1054: ['schema_older', 'has an older schema than this presence', MIGRATE],
  1021: ['full', 'has no room left', 'free some room on the server'],
  1114: ['full', 'has no room left', 'free some room on the server'],
  1290: ['read_only', 'is read-only', 'use the primary server in the DSN'],
  1792: ['read_only', 'is read-only', 'use the primary server in the DSN'],
  1836: ['read_only', 'is read-only', 'use the primary server in the DSN'],
}

/** Dolt's 1105, told apart by its text. */
const BY_TEXT: readonly (readonly [RegExp, number])[] = [
  [/could not be found in any table in scope|does not have column|unknown column/i, 1054],
  [/table not found/i, 1146],
  [/access denied|command denied/i, 1142],
  [/database not found/i, 1049],
  [/read.only/i, 1290],
  [/no space left/i, 1114],
]

/** Is it a lost race that a retry settles? (Dolt's 1213: another writer touched the same row.) */
export function isConflict(error: unknown): boolean {
  const { errno } = error as DriverError
  return errno === 1213 || errno === 1205
}

/** The server's own word that it ends the connection: it shuts down, killed it, or found it idle for too long. */
const DISCONNECTED: ReadonlySet<number> = new Set([1053, 1927, 4031])

/** Did the connection, rather than the statement, fail? The driver marks its own, and Node's have a code and no SQL state. */
export function isConnectionLoss(error: unknown): boolean {
  const { errno, code = '', message = '' } = error as DriverError
  if (errno !== undefined && errno > 0) return DISCONNECTED.has(errno)
  return (
    /^(E|PROTOCOL_)[A-Z_]+$/.test(code) ||
    /closed state|connection lost|malformed|out of order/i.test(message)
  )
}

/** The error's number, with Dolt's catch-all resolved. */
export function numberOf(error: unknown): number | undefined {
  const { errno, message = '' } = error as DriverError
  if (errno !== 1105) return errno
  return BY_TEXT.find(([text]) => text.test(message))?.[1] ?? errno
}

/** Turns whatever the driver threw into a fault that names the server and the remedy. */
export function mysqlFault(error: unknown, board: string): PresenceError {
  if (error instanceof PresenceError) return error
  const number = numberOf(error)
  const known = number === undefined ? undefined : BY_NUMBER[number]
  if (known) return new PresenceError(known[0], `dolt at ${board} ${known[1]}`, known[2], { cause: error })
  if (isConnectionLoss(error)) return unreachable(board, reasonOf(error), error)
  return new PresenceError(
    'unexpected',
    `dolt at ${board} failed: ${(error as DriverError).message ?? String(error)}`,
    'if it happens again, report it with this message',
    { cause: error },
  )
}

export function unreachable(board: string, reason: string, cause?: unknown): PresenceError {
  return new PresenceError(
    'unreachable',
    `dolt unreachable at ${board}: ${reason}`,
    'check that the server runs and that host and port in the DSN are right',
    { cause },
  )
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the host name can not be looked up now',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  PROTOCOL_CONNECTION_LOST: 'the connection was cut',
}

function reasonOf(error: unknown): string {
  const { code = '', message = '' } = error as DriverError
  return REASONS[code] ?? (message || code || 'the connection failed')
}

const DROPPED: ReadonlySet<string> = new Set(['PROTOCOL_CONNECTION_LOST', 'ECONNRESET', 'EPIPE'])

/** A connection that the server had dropped, as a pool finds it when it was idle. One that is refused anew is not. */
export function isStale(error: unknown): boolean {
  const { errno = 0, code = '', message = '' } = error as DriverError
  return DISCONNECTED.has(errno) || DROPPED.has(code) || message.includes('closed state')
}
