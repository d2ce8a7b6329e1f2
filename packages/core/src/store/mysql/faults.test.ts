import { describe, expect, it } from 'vitest'
import { PresenceError } from '../../domain/fault.ts'
import { isConflict, isConnectionLoss, mysqlFault, numberOf, unreachable } from './faults.ts'

const BOARD = 'db.example:3306/presence'

function driverError(fields: { errno?: number; code?: string; message?: string }): Error {
  return Object.assign(new Error(fields.message ?? ''), fields)
}

describe('a server error', () => {
  it.each([
    [1040, 'too_many_connections'],
    [1203, 'too_many_connections'],
    [1044, 'access_denied'],
    [1045, 'access_denied'],
    [1698, 'access_denied'],
    [1142, 'access_denied'],
    [1143, 'access_denied'],
    [1227, 'access_denied'],
    [1370, 'access_denied'],
    [1129, 'access_denied'],
    [1130, 'access_denied'],
    [1251, 'access_denied'],
    [1820, 'access_denied'],
    [1862, 'access_denied'],
    [3118, 'access_denied'],
    [4151, 'access_denied'],
    [1226, 'too_many_connections'],
    [3159, 'tls_failed'],
    [1049, 'unknown_database'],
    [1146, 'schema_missing'],
    [1054, 'schema_older'],
    [1021, 'full'],
    [1114, 'full'],
    [1290, 'read_only'],
    [1792, 'read_only'],
    [1836, 'read_only'],
    [1064, 'unexpected'],
    [1105, 'unexpected'],
    [1047, 'unreachable'],
    [1020, 'busy'],
    [1205, 'busy'],
    [1213, 'busy'],
    [1180, 'busy'],
    [1317, 'busy'],
    [1412, 'busy'],
    [1969, 'busy'],
    [3024, 'busy'],
    [1264, 'rejected'],
    [1300, 'rejected'],
    [1366, 'rejected'],
    [1406, 'rejected'],
    [3819, 'rejected'],
    [4025, 'rejected'],
  ])('with number %i becomes %s', (errno, code) => {
    const cause = driverError({ errno, code: 'ER_SOMETHING', message: 'as the server put it' })
    const fault = mysqlFault(cause, BOARD)
    expect(fault).toBeInstanceOf(PresenceError)
    expect(fault).toMatchObject({ code, cause, message: expect.stringContaining(BOARD) })
    expect(fault.remedy).not.toBe('')
  })

  it.each([1045, 1698])('with number %i says if no password was given, and how to give one', errno => {
    const fault = mysqlFault(driverError({ errno }), BOARD, false)
    expect(fault).toMatchObject({ code: 'access_denied' })
    expect(fault.message).toContain('no password was given')
    expect(fault.remedy).toContain('PRESENCE_PASSWORD_FILE')
    expect(mysqlFault(driverError({ errno }), BOARD).message).toContain('wrong user or password')
  })

  it.each([1146, 1054])('with number %i has presence migrate as its remedy', errno => {
    expect(mysqlFault(driverError({ errno }), BOARD).remedy).toBe('run: presence migrate')
  })

  it("with an unknown number keeps the server's text", () => {
    expect(mysqlFault(driverError({ errno: 1064, message: 'near "SELCT"' }), BOARD).message).toBe(
      `the board at ${BOARD} failed: it says "near ”SELCT”"`,
    )
  })
})

describe("Dolt's error 1105 is identified by its text", () => {
  it.each([
    ['column "ttl_seconds" could not be found in any table in scope', 1_054, 'schema_older'],
    ["Unknown column 'lapsed_at' in 'field list'", 1_054, 'schema_older'],
    ['table not found: presence_claims', 1_146, 'schema_missing'],
    ['Access denied for user', 1_142, 'access_denied'],
    ['server does not allow insecure connections, client must use SSL/TLS', 3_159, 'tls_failed'],
    ["Access denied for user 'ana'@'%' to database 'presence'", 1_044, 'access_denied'],
    ["command denied to user 'ana'@'%'", 1_142, 'access_denied'],
    ['database not found: presence', 1_049, 'unknown_database'],
    ['database server is set to read only mode', 1_290, 'read_only'],
    ['this database is read-only', 1_290, 'read_only'],
    ['write /var/lib/dolt: no space left on device', 1_114, 'full'],
    ["string 'table not found\nread only' is too large for column 'purpose'", 1_406, 'rejected'],
    ['Check constraint "never" violated', 3_819, 'rejected'],
    ['context canceled', 1_317, 'busy'],
    [
      'this connection was established … this connection can no longer be used. please reconnect.',
      1_927,
      'unreachable',
    ],
    ['something else', 1_105, 'unexpected'],
  ])('%s: number %i, code %s', (message, number, code) => {
    const error = driverError({ errno: 1_105, code: 'ER_UNKNOWN_ERROR', message })
    expect(numberOf(error)).toBe(number)
    expect(mysqlFault(error, BOARD).code).toBe(code)
  })

  it('and no other number is', () => {
    const message = 'table not found: presence_claims'
    expect(numberOf(driverError({ errno: 1_064, message }))).toBe(1_064)
    expect(numberOf(driverError({ message }))).toBeUndefined()
  })
})

describe('a lost connection', () => {
  it.each([
    [{ code: 'ECONNREFUSED', errno: -111 }, 'connection refused'],
    [{ code: 'ECONNREFUSED' }, 'connection refused'],
    [{ code: 'ENOTFOUND', errno: -3_008 }, 'no such host'],
    [{ code: 'EAI_AGAIN', errno: -3_001 }, "the host name can't be looked up now"],
    [{ code: 'ETIMEDOUT' }, 'no answer'],
    [{ code: 'EHOSTUNREACH', errno: -113 }, 'no route to the host'],
    [{ code: 'ENETUNREACH', errno: -101 }, 'no route to the network'],
    [{ code: 'ECONNRESET', errno: -104 }, 'the connection was cut'],
    [{ code: 'EPIPE', errno: -32 }, 'the connection was cut'],
    [{ code: 'PROTOCOL_CONNECTION_LOST' }, 'the connection was cut'],
    [{ message: "Can't add new command when connection is in closed state" }, 'closed state'],
    [{ message: 'Connection lost: The server closed the connection.' }, 'Connection lost'],
    [{ message: 'Got packets out of order' }, 'packets out of order'],
    [{ message: 'malformed communication packet' }, 'malformed'],
    [{ code: 'EPROTO', errno: -71, message: 'protocol error' }, 'protocol error'],
    [{ code: 'EPROTO' }, 'EPROTO'],
  ])('is unreachable, with the reason: %j', (fields, reason) => {
    const cause = driverError(fields)
    expect(isConnectionLoss(cause)).toBe(true)
    expect(mysqlFault(cause, BOARD)).toMatchObject({
      code: 'unreachable',
      cause,
      message: expect.stringMatching(new RegExp(`^dolt unreachable at ${BOARD}: .*${reason}`)),
    })
  })

  it.each([
    { errno: 1_045, code: 'ER_ACCESS_DENIED_ERROR' },
    { errno: 1_064, code: 'ER_PARSE_ERROR' },
    { errno: 1_213, code: 'ER_LOCK_DEADLOCK' },
    { message: 'no code at all' },
    {},
  ])("is not assumed for the server's error reply %j", fields => {
    expect(isConnectionLoss(driverError(fields))).toBe(false)
  })
})

describe('a connection that is less secure than the DSN requires', () => {
  it.each([
    [{ code: 'HANDSHAKE_NO_SSL_SUPPORT' }, 'the server has none'],
    [
      { code: 'HANDSHAKE_SSL_ERROR', message: "Hostname/IP does not match certificate's altnames: x" },
      'for another host',
    ],
    [{ code: 'HANDSHAKE_SSL_ERROR', message: 'self-signed certificate' }, 'self-signed certificate'],
  ])('fails as tls_failed with the reason: %j', (fields, reason) => {
    expect(mysqlFault(driverError(fields), BOARD)).toMatchObject({
      code: 'tls_failed',
      message: expect.stringMatching(new RegExp(`^dolt unreachable at ${BOARD} over TLS: .*${reason}`)),
    })
  })
})

describe('a refusal', () => {
  it('quotes the server, but not for a failed login, in which the user name may be a password', () => {
    const words = "INSERT command denied to user 'ana'@'%' for table 'presence_claims'"
    expect(mysqlFault(driverError({ errno: 1_142, message: words }), BOARD).message).toContain(words)
    expect(mysqlFault(driverError({ errno: 1_045, message: "user 'hunter2'" }), BOARD).message).not.toContain(
      'hunter2',
    )
  })
})

describe('a write conflict', () => {
  it.each([
    [1_213, true],
    [1_205, true],
    [1_020, true],
    [1_105, false],
    [1_062, false],
    [undefined, false],
  ])('is identified by its number: %s is %s', (errno, conflict) => {
    expect(isConflict(driverError(errno === undefined ? {} : { errno }))).toBe(conflict)
  })
})

describe('mysqlFault', () => {
  it('returns a PresenceError unchanged', () => {
    const fault = unreachable(BOARD, 'no answer in time')
    expect(mysqlFault(fault, BOARD)).toBe(fault)
  })

  it.each(['text', 7, { odd: true }])('wraps anything that was thrown: %j', thrown => {
    expect(mysqlFault(thrown, BOARD)).toMatchObject({ code: 'unexpected', cause: thrown })
  })
})

it.each([
  { errno: 1064 },
  { errno: 1142 },
  { errno: 1406 },
  { errno: 1205 },
  { errno: 1105 },
  { errno: 1053 },
  { code: 'AUTH_SWITCH_PLUGIN_ERROR' },
  { code: 'HANDSHAKE_SSL_ERROR' },
  { code: 'EPROTO' },
])('what a server says is quoted, so that agents read it as data: %j', fields => {
  const { message } = mysqlFault(driverError({ ...fields, message: 'no\n"IMPORTANT" <obey>' }), BOARD)
  expect(message).toContain('IMPORTANT')
  expect(message.replaceAll(/"[^"]*"/g, '')).not.toContain('IMPORTANT')
  expect(message).not.toMatch(/[\n<>]/)
})
