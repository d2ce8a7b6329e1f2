import type { MysqlDsn } from '../../config/dsn.ts'
import { type FaultCode, PresenceError } from '../../domain/fault.ts'
import { CLIENT_GRANTS } from './grants.ts'

/** What a driver's error tells. Dolt gives most of its errors the number 1105 and no name. */
interface DriverError {
  readonly errno?: number
  readonly code?: string
  readonly message?: string
}

const MIGRATE = 'run: presence migrate'
/** MariaDB says no more than this of a connection without TLS where it asks for TLS. */
const LOGIN = 'check user and password; where the server asks for TLS, add ssl=verify-identity to the DSN'
const GRANTS = `grant ${CLIENT_GRANTS.map(([table, privileges]) => `${privileges} on ${table}`).join('; ')}`

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
  1045: ['access_denied', 'denies access: wrong user or password', LOGIN],
  1698: ['access_denied', 'denies access: wrong user or password', LOGIN],
  1142: ['access_denied', 'denies this account a table of the board', GRANTS],
  1143: ['access_denied', 'denies this account a column of the board', GRANTS],
  1227: ['access_denied', 'denies this account a privilege', GRANTS],
  1370: ['access_denied', 'denies this account a procedure', GRANTS],
  1049: [
    'unknown_database',
    'is in a database that the server lacks',
    'check the DSN, or create it: presence migrate --create-database',
  ],
  1146: ['schema_missing', 'has no tables yet, or lacks one', MIGRATE],
  1054: ['schema_older', 'has an older schema than this presence', MIGRATE],
  1021: ['full', 'has no room left', 'free some room on the server'],
  1114: ['full', 'has no room left', 'free some room on the server'],
  1290: ['read_only', 'is read-only', 'use the primary server in the DSN'],
  1792: ['read_only', 'is read-only', 'use the primary server in the DSN'],
  1836: ['read_only', 'is read-only', 'use the primary server in the DSN'],
  3159: ['tls_failed', 'takes TLS connections only', 'add ssl=verify-identity to the DSN, or ssl=required'],
}

/** What an account was let in for and may not do: the server's own words say it best. */
const DENIALS: ReadonlySet<number> = new Set([1142, 1143, 1227, 1370])

/** Dolt's 1105, told apart by its text. */
const BY_TEXT: readonly (readonly [RegExp, number])[] = [
  [/could not be found in any table in scope|does not have column|unknown column/i, 1054],
  [/table not found/i, 1146],
  [/does not allow insecure connections/i, 3159],
  [/access denied for user .* to database/i, 1044],
  [/access denied|command denied/i, 1142],
  [/database not found/i, 1049],
  [/read.only/i, 1290],
  [/no space left/i, 1114],
]

/** Dolt: another writer touched the same row. InnoDB: a deadlock, a wait for a lock, a snapshot that was overtaken. */
const CONFLICTS: ReadonlySet<number> = new Set([1213, 1205, 1020])

/** Is it a lost race that a retry settles? */
export function isConflict(error: unknown): boolean {
  return CONFLICTS.has((error as DriverError).errno ?? 0)
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

/** Was it the account's privileges that were lacking? */
export function isDenied(error: unknown): boolean {
  const number = numberOf(error) ?? 0
  return DENIALS.has(number) || number === 1044
}

/** Turns whatever the driver threw into a fault that names the server and the remedy. */
export function mysqlFault(error: unknown, board: string): PresenceError {
  if (error instanceof PresenceError) return error
  const number = numberOf(error)
  const known = number === undefined ? undefined : BY_NUMBER[number]
  if (known) {
    const said = DENIALS.has(number ?? 0) ? ` (${(error as DriverError).message ?? ''})` : ''
    return new PresenceError(known[0], `the board at ${board} ${known[1]}${said}`, known[2], { cause: error })
  }
  const noTls = tlsReason(error)
  if (noTls) return tlsFailed(board, noTls, error)
  if (isConnectionLoss(error)) return unreachable(board, reasonOf(error), error)
  return new PresenceError(
    'unexpected',
    `the board at ${board} failed: ${(error as DriverError).message ?? String(error)}`,
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

/** It is there (it greets), and has not answered in time. Its messages never say "unreachable". */
export function tooSlow(board: string, ms: number): PresenceError {
  return new PresenceError(
    'too_slow',
    `the board took longer than ${(ms / 1_000).toFixed(1)} s to answer at ${board}`,
    'try again; if it stays slow, see what the server is doing: SHOW FULL PROCESSLIST',
  )
}

/** The database is there, and on an engine with branches it lacks the DSN's, or the one that stands for none. */
export function noBranch({ shown, branch }: MysqlDsn, cause: unknown): PresenceError {
  return new PresenceError(
    'unknown_branch',
    `the database at ${shown} has no branch ${branch}`,
    `name the branch that its board is on in the DSN (?branch=<name>), or create it there: CALL DOLT_BRANCH('${branch}')`,
    { cause },
  )
}

/** The DSN names a branch, and whoever answers there has none at all. */
export function noBranches({ shown, branch }: MysqlDsn, engine: string): PresenceError {
  return new PresenceError(
    'unknown_branch',
    `the DSN names the branch ${branch}, and the server at ${shown} is a ${engine}, which has no branches`,
    'leave ?branch= out of the DSN',
  )
}

/** No connection, since none that the DSN would call safe could be made. */
function tlsFailed(board: string, reason: string, cause: unknown): PresenceError {
  return new PresenceError(
    'tls_failed',
    `dolt unreachable at ${board}: ${reason}`,
    "check the DSN's host, ssl and ssl-ca, and the server's certificate",
    { cause },
  )
}

function tlsReason(error: unknown): string | undefined {
  const { code, message = '' } = error as DriverError
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT') return 'the DSN asks for TLS, and the server has none'
  if (code === 'AUTH_SWITCH_PLUGIN_ERROR') return message
  if (code !== 'HANDSHAKE_SSL_ERROR') return undefined
  return /altnames|does not match/i.test(message)
    ? `its certificate is for another host: ${message}`
    : `no TLS with it: ${message}`
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
