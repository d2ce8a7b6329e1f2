import type { MysqlDsn } from '../../config/dsn.ts'
import { firstOutside, sandboxedConnection } from '../../config/sandbox.ts'
import { quoted } from '../../domain/agent-text.ts'
import { type FaultCode, PresenceError } from '../../domain/fault.ts'
import { CLIENT_GRANTS } from './grants.ts'

/** The fields of a driver's error. Dolt reports most of its errors as number 1105 without a name. */
interface DriverError {
  readonly errno?: number
  readonly code?: string
  readonly message?: string
}

const MIGRATE = 'run: presence migrate'
/**
 * A MariaDB server that requires TLS reports only a failed login to a client without TLS, so the remedy
 * covers both.
 */
const LOGIN = 'check user and password; where the server asks for TLS, add ssl=verify-identity to the DSN'
/** The login failed, and the DSN had no password to try: often it was forgotten, or its variable isn't set here. */
const NO_PASSWORD =
  'set PRESENCE_PASSWORD_FILE to a file with the password, or name one in the DSN: ?password-file=<file>; if the account has none, check the user; where the server asks for TLS, add ssl=verify-identity to the DSN'
const EXPIRED = 'give the account a new password: ALTER USER'
const GRANTS = `grant ${CLIENT_GRANTS.map(([table, privileges]) => `${privileges} on ${table}`).join('; ')}`

const REJECTED = ['rejected', 'does not take this', "change the text: the board can't store it"] as const
const BUSY = ['busy', 'is busy: others write the same rows', 'try again'] as const
const INTERRUPTED = ['busy', 'ended the statement before it was done', 'try again'] as const

/**
 * The faults by the server's error number. `rejected` is final for an operation: its values never fit. The
 * numbers are from MySQL's and MariaDB's error references (dev.mysql.com/doc/mysql-errors,
 * mariadb.com/kb/en/mariadb-error-codes). A number that isn't listed is unknown, and an unknown error may
 * pass.
 */
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
  1226: [
    'too_many_connections',
    'is unreachable: this account has no connection left',
    'try again, or raise the limit of the account',
  ],
  1044: ['access_denied', 'denies this account the database', 'check user, password and grants, and the DSN'],
  1045: ['access_denied', 'denies access: wrong user or password', LOGIN],
  1698: ['access_denied', 'denies access: wrong user or password', LOGIN],
  1129: [
    'access_denied',
    'blocks this host after too many failed connections',
    'run on the server: FLUSH HOSTS',
  ],
  1130: [
    'access_denied',
    'takes no connections from this host',
    'create the account for this host: CREATE USER',
  ],
  1251: ['access_denied', 'asks for a login that this client lacks', LOGIN],
  1820: ['access_denied', "denies access: the account's password has expired", EXPIRED],
  1862: ['access_denied', "denies access: the account's password has expired", EXPIRED],
  3118: ['access_denied', 'denies access: the account is locked', 'unlock it: ALTER USER … ACCOUNT UNLOCK'],
  4151: ['access_denied', 'denies access: the account is locked', 'unlock it: ALTER USER … ACCOUNT UNLOCK'],
  1142: ['access_denied', 'denies this account a table of the board', GRANTS],
  1143: ['access_denied', 'denies this account a column of the board', GRANTS],
  1227: ['access_denied', 'denies this account a privilege', GRANTS],
  1370: ['access_denied', 'denies this account a procedure', GRANTS],
  1049: [
    'unknown_database',
    'is in a database that the server lacks',
    'check the DSN, or create the database',
  ],
  1146: ['schema_missing', 'has no tables yet, or lacks one', MIGRATE],
  1054: ['schema_older', 'has an older schema than this presence', MIGRATE],
  1021: ['full', 'has no room left', 'free some room on the server'],
  1114: ['full', 'has no room left', 'free some room on the server'],
  1290: ['read_only', 'is read-only', 'use the primary server in the DSN'],
  1792: ['read_only', 'is read-only', 'use the primary server in the DSN'],
  1836: ['read_only', 'is read-only', 'use the primary server in the DSN'],
  1264: REJECTED, // ER_WARN_DATA_OUT_OF_RANGE
  1300: REJECTED, // ER_INVALID_CHARACTER_STRING
  1366: REJECTED, // ER_TRUNCATED_WRONG_VALUE_FOR_FIELD: a character that the column's character set lacks
  1406: REJECTED, // ER_DATA_TOO_LONG
  3819: REJECTED, // ER_CHECK_CONSTRAINT_VIOLATED, MySQL
  4025: REJECTED, // ER_CONSTRAINT_FAILED, MariaDB's CHECK
  1020: BUSY, // ER_CHECKREAD: the row changed since it was read
  1205: BUSY, // ER_LOCK_WAIT_TIMEOUT
  1213: BUSY, // ER_LOCK_DEADLOCK
  1180: INTERRUPTED, // ER_ERROR_DURING_COMMIT
  1317: INTERRUPTED, // ER_QUERY_INTERRUPTED: KILL QUERY
  1412: INTERRUPTED, // ER_TABLE_DEF_CHANGED: another tool altered the table
  1969: INTERRUPTED, // ER_STATEMENT_TIMEOUT, MariaDB's max_statement_time
  3024: INTERRUPTED, // ER_QUERY_TIMEOUT, MySQL's max_execution_time
  1047: [
    'unreachable',
    'is unreachable: its node is not part of its cluster now',
    'try again, or name another node in the DSN',
  ], // ER_UNKNOWN_COM_ERROR, Galera's wsrep_ready=OFF
  3159: ['tls_failed', 'takes TLS connections only', 'add ssl=verify-identity to the DSN, or ssl=required'],
}

/** Faults that quote the server's message, which describes them best. */
const QUOTED: ReadonlySet<FaultCode> = new Set(['rejected', 'busy'])

/**
 * Denied privileges after a successful login. The fault quotes the server's message, which describes it best.
 */
const DENIALS: ReadonlySet<number> = new Set([1142, 1143, 1227, 1370])

/** A login that failed. */
const LOGIN_FAILED: ReadonlySet<number> = new Set([1045, 1698])

/** Dolt's error 1105, identified by its text. */
const BY_TEXT: readonly (readonly [RegExp, number])[] = [
  // These come first because they quote the value, which may contain any words (go-mysql-server,
  // sql/errors.go and sql/types/strings.go).
  [/^string '.*' is too large for column/s, 1406],
  [/^Check constraint "[^"]*" violated/, 3819],
  [/^context (canceled|deadline exceeded)$/, 1317],
  // After DOLT_GC, or after a role change in a cluster.
  [/this connection can no longer be used/, 1927],
  [/could not be found in any table in scope|does not have column|unknown column/i, 1054],
  [/table not found/i, 1146],
  [/does not allow insecure connections/i, 3159],
  [/access denied for user .* to database/i, 1044],
  [/access denied|command denied/i, 1142],
  [/database not found/i, 1049],
  [/read.only/i, 1290],
  [/no space left/i, 1114],
]

/**
 * Dolt: another writer changed the same row. InnoDB: a deadlock, a lock wait timeout, or a snapshot that is
 * out of date.
 */
const CONFLICTS: ReadonlySet<number> = new Set([1213, 1205, 1020])

/** True for a write conflict, which a retry resolves. */
export function isConflict(error: unknown): boolean {
  return CONFLICTS.has((error as DriverError).errno ?? 0)
}

/**
 * The server ended the statement, or its node wasn't ready: the same statement may succeed at the next try.
 */
const PASSING: ReadonlySet<number> = new Set([1047, 1180, 1317, 1412, 1969, 3024])

/** The fault of a statement that was killed and whose server didn't say so. */
export function interrupted(): Error {
  return Object.assign(new Error('the statement was ended without an error'), { errno: 1317 })
}

export function isPassing(error: unknown): boolean {
  return PASSING.has(numberOf(error) ?? 0)
}

/** True for a server's error reply whose number isn't known here. */
export function isUnknown(error: unknown): boolean {
  const number = numberOf(error)
  return number !== undefined && number > 0 && !(number in BY_NUMBER) && !isConnectionLoss(error)
}

/**
 * The server ends the connection itself: it shuts down, killed the connection, or found it idle for too long.
 */
const DISCONNECTED: ReadonlySet<number> = new Set([1053, 1927, 4031])

/**
 * True if the connection failed rather than the statement. Errors of the driver and of Node have a code but
 * no SQL state.
 */
export function isConnectionLoss(error: unknown): boolean {
  const { code = '', message = '' } = error as DriverError
  const number = numberOf(error) ?? 0
  if (number > 0) return DISCONNECTED.has(number)
  return (
    /^(E|PROTOCOL_)[A-Z_]+$/.test(code) ||
    /closed state|connection lost|malformed|out of order/i.test(message)
  )
}

/** The error's number. For Dolt's 1105, the number of the error that its text describes. */
export function numberOf(error: unknown): number | undefined {
  const { errno, message = '' } = error as DriverError
  if (errno !== 1105) return errno
  return BY_TEXT.find(([text]) => text.test(message))?.[1] ?? errno
}

/** True if the account lacks a privilege. */
export function isDenied(error: unknown): boolean {
  const number = numberOf(error) ?? 0
  return DENIALS.has(number) || number === 1044
}

/**
 * Turns anything that the driver threw into a fault that names the server and the remedy.
 *
 * @param hasPassword whether the client had a password to log in with
 */
export function mysqlFault(error: unknown, board: string, hasPassword = true): PresenceError {
  if (error instanceof PresenceError) return error
  const number = numberOf(error)
  if (!hasPassword && LOGIN_FAILED.has(number ?? 0))
    return new PresenceError(
      'access_denied',
      `the board at ${board} denies access: no password was given`,
      NO_PASSWORD,
      { cause: error },
    )
  const known = number === undefined ? undefined : BY_NUMBER[number]
  if (known) {
    const said = DENIALS.has(number ?? 0) || QUOTED.has(known[0]) ? ` (${saidBy(error)})` : ''
    return new PresenceError(known[0], `the board at ${board} ${known[1]}${said}`, known[2], { cause: error })
  }
  if ((error as DriverError).code === 'AUTH_SWITCH_PLUGIN_ERROR') return needsTls(board, error)
  const noTls = tlsReason(error)
  if (noTls) return tlsFailed(board, noTls, error)
  const sandboxed = isConnectionLoss(error) && sandboxedConnection(codeOf(error), board, error)
  if (sandboxed) return sandboxed
  if (isConnectionLoss(error)) return unreachable(board, reasonOf(error), error)
  return new PresenceError(
    'unexpected',
    `the board at ${board} failed: ${saidBy(error)}`,
    'if it happens again, report it with this message',
    { cause: error },
  )
}

export function unreachable(board: string, reason: string, cause?: unknown): PresenceError {
  return new PresenceError(
    'unreachable',
    `dolt unreachable at ${board}: ${reason}`,
    `${firstOutside(codeOf(cause))}check that the server runs and that host and port in the DSN are right`,
    { cause },
  )
}

/**
 * The fault for a server that is up (it greets) but hasn't answered in time. Its message never says
 * "unreachable".
 */
export function tooSlow(board: string, ms: number): PresenceError {
  return new PresenceError(
    'too_slow',
    `the board took longer than ${(ms / 1_000).toFixed(1)} s to answer at ${board}`,
    'try again; if it stays slow, see what the server is doing: SHOW FULL PROCESSLIST',
  )
}

/** The database exists on an engine with branches, but lacks the DSN's branch or the default one. */
export function noBranch({ shown, branch }: MysqlDsn, cause: unknown): PresenceError {
  return new PresenceError(
    'unknown_branch',
    `the database at ${shown} has no branch ${branch}`,
    `name the branch that its board is on in the DSN (?branch=<name>), or create it there: CALL DOLT_BRANCH('${branch}')`,
    { cause },
  )
}

/** The DSN names a branch, but the engine has no branches. */
export function noBranches({ shown, branch }: MysqlDsn, engine: string): PresenceError {
  return new PresenceError(
    'unknown_branch',
    `the DSN names the branch ${branch}, and the server at ${shown} is a ${engine}, which has no branches`,
    'leave ?branch= out of the DSN',
  )
}

/** The connection can't be made as securely as the DSN requires. */
function tlsFailed(board: string, reason: string, cause: unknown): PresenceError {
  return new PresenceError(
    'tls_failed',
    `dolt unreachable at ${board} over TLS: ${reason}`,
    "check the DSN's host, ssl and ssl-ca, and the server's certificate",
    { cause },
  )
}

/** The server's way to log in is safe only over TLS, and the DSN doesn't ask for TLS. */
function needsTls(board: string, error: unknown): PresenceError {
  return new PresenceError(
    'tls_failed',
    `dolt unreachable at ${board}: ${saidBy(error)}`,
    'add ssl=verify-identity to the DSN',
    { cause: error },
  )
}

function tlsReason(error: unknown): string | undefined {
  const { code, message = '' } = error as DriverError
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT') return 'the DSN asks for TLS, and the server has none'
  if (code !== 'HANDSHAKE_SSL_ERROR') return undefined
  return /altnames|does not match/i.test(message)
    ? `its certificate is for another host: ${quoted(message)}`
    : `TLS with it failed: ${quoted(message)}`
}

/** What a server says: anybody may have set it up, so it is quoted. */
function saidBy(error: unknown): string {
  return `it says ${quoted((error as DriverError).message ?? String(error))}`
}

function codeOf(error: unknown): string {
  return (error as DriverError | undefined)?.code ?? ''
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: "the host name can't be looked up now",
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  PROTOCOL_CONNECTION_LOST: 'the connection was cut',
}

function reasonOf(error: unknown): string {
  const { message = '' } = error as DriverError
  const code = codeOf(error)
  return REASONS[code] ?? ((message && quoted(message)) || code || 'the connection failed')
}

const DROPPED: ReadonlySet<string> = new Set(['PROTOCOL_CONNECTION_LOST', 'ECONNRESET', 'EPIPE'])

/**
 * True for a connection that the server had closed while it was idle in the pool. A newly refused connection
 * is not stale.
 */
export function isStale(error: unknown): boolean {
  const { code = '', message = '' } = error as DriverError
  return DISCONNECTED.has(numberOf(error) ?? 0) || DROPPED.has(code) || message.includes('closed state')
}
