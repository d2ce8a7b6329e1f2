import { constantFrom, assert as hold, integer, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PresenceError } from '../domain/fault.ts'
import { type Dsn, parseDsn } from './dsn.ts'

function faultOf(text: string): PresenceError {
  try {
    parseDsn(text)
  } catch (error) {
    if (error instanceof PresenceError) return error
    throw error
  }
  throw new Error(`accepted: ${text}`)
}

/** Everything about a DSN that is ever printed. */
function shownOf(text: string): string {
  let dsn: Dsn
  try {
    dsn = parseDsn(text)
  } catch {
    const { message, remedy, stack, cause } = faultOf(text)
    return [message, remedy, stack, String(cause)].join('\n')
  }
  return dsn.shown
}

describe("a server's DSN", () => {
  it('has user, password, host, port, database and branch', () => {
    expect(parseDsn('mysql://ana:s3cret@db.example:3307/presence?branch=team/x-1.0')).toEqual({
      scheme: 'mysql',
      host: 'db.example',
      port: 3_307,
      user: 'ana',
      password: 's3cret',
      database: 'presence',
      branch: 'team/x-1.0',
      branchRequired: true,
      shown: 'db.example:3307/presence',
    })
  })

  it('defaults to root without a password, port 3306 and the branch main', () => {
    expect(parseDsn('mysql://db.example/presence')).toEqual({
      scheme: 'mysql',
      host: 'db.example',
      port: 3_306,
      user: 'root',
      password: '',
      database: 'presence',
      branch: 'main',
      branchRequired: false,
      shown: 'db.example:3306/presence',
    })
  })

  it.each([
    ['mysql://[::1]:3307/presence', '::1', 3_307],
    ['mysql://[::1]/presence', '::1', 3_306],
    ['mysql://ana:s3cret@[2001:db8::1]:3306/presence', '2001:db8::1', 3_306],
    ['mysql://10.0.0.1:1/presence', '10.0.0.1', 1],
    ['mysql://db:65535/presence', 'db', 65_535],
    ['MySQL://db/presence', 'db', 3_306],
  ])('names its host and port in %s', (text, host, port) => {
    expect(parseDsn(text)).toMatchObject({ scheme: 'mysql', host, port })
  })

  it.each([
    ['mysql://db:3307/presence', 'db:3307/presence'],
    ['mysql://[::1]:3307/presence', '[::1]:3307/presence'],
    ['mysql://[::1]/presence', '[::1]:3306/presence'],
  ])('is shown with host, port and database for %s', (text, shown) => {
    expect(parseDsn(text).shown).toBe(shown)
  })

  it.each([
    ['mysql://an%40a:p%40ss%2F%3A%3F%23%25@db/presence', { user: 'an@a', password: 'p@ss/:?#%' }],
    ['mysql://ana:p%C3%A9@db/pr%C3%A9sence', { password: 'pé', database: 'présence' }],
    ['mysql://ana:a+b@db/my%20board', { password: 'a+b', database: 'my board' }],
    ['mysql://ana:a:b@db/presence', { password: 'a:b' }],
    ['mysql://ana:a@b@db/presence', { password: 'a@b', host: 'db' }],
  ])('is percent-decoded in %s', (text, parts) => {
    expect(parseDsn(text)).toMatchObject(parts)
  })

  it.each([
    ['mysql:///presence', 'names no host'],
    ['mysql:db/presence', 'names no host'],
    ['mysql://db', 'names no database'],
    ['mysql://db/', 'names no database'],
    ['mysql://ana:s3cret@/presence', 'is not a URL'],
    ['mysql://db:99999/presence', 'is not a URL'],
    ['mysql://db:port/presence', 'is not a URL'],
    ['mysql://[::1/presence', 'is not a URL'],
    ['mysql://ana:se#cret@db/presence', 'is not a URL'],
    ['mysql://db/a/b', "a character that isn't allowed there"],
    ['mysql://db/a%2Fb', "a character that isn't allowed there"],
    ['mysql://db/a%60b', "a character that isn't allowed there"],
    ['mysql://db/a%00b', "a character that isn't allowed there"],
    ['mysql://ana:100%@db/presence', 'password has a % that encodes nothing'],
    ['mysql://a%na:s3cret@db/presence', 'user has a % that encodes nothing'],
    ['mysql://db/100%', 'database has a % that encodes nothing'],
    ['mysql://db/presence?branch=a&branch=b', 'has branch more than once'],
    ['mysql://db/presence?ssl=', 'ssl "" is not a mode'],
    ['mysql://db/presence?ssl=true', 'ssl "true" is not a mode'],
    ['mysql://db/presence?ssl=preferred', 'ssl "preferred" is not a mode'],
    ['mysql://db/presence?ssl-ca=', 'ssl-ca names no file'],
    ['mysql://db/presence?ssl=required&ssl-ca=/ca.pem', 'ssl-ca is of no use with ssl=required'],
    ['mysql://db/presence?ssl=disabled&ssl-ca=/ca.pem', 'ssl-ca is of no use with ssl=disabled'],
    ['mysql://db/presence?password-file=', 'password-file names no file'],
    ['mysql://db/presence?password-file=%00', 'password-file names no file'],
    ['mysql://ana:s3cret@db/presence?password-file=/p', 'both a password and a password-file'],
    ['mysql://db/presence?branch=a%60b', 'branch is not a valid branch name'],
    [`mysql://db/presence?branch=${'a'.repeat(251)}`, 'branch is not a valid branch name'],
  ])('is refused with the reason and a remedy: %s', (text, reason) => {
    const fault = faultOf(text)
    expect(fault.code).toBe('invalid_dsn')
    expect(fault.message).toContain(reason)
    expect(fault.remedy).not.toBe('')
  })

  it.each([
    ['mysql://db/presence?brunch=main', '"brunch"', 'did you mean branch?'],
    ['mysql://db/presence?sssl=required', '"sssl"', 'did you mean ssl?'],
    [
      'mysql://db/presence?branch=main&charset=utf8',
      '"charset"',
      'the parameters are branch, ssl, ssl-ca, password-file',
    ],
  ])('with an unknown parameter is refused, naming the nearest known one: %s', (text, named, remedy) => {
    const fault = faultOf(text)
    expect(fault.message).toContain(`unknown parameter ${named}`)
    expect(fault.remedy).toBe(remedy)
  })
})

describe('the TLS mode of a DSN', () => {
  it.each([
    ['', undefined],
    ['?ssl=disabled', undefined],
    ['?ssl=required', { mode: 'required' }],
    ['?ssl=verify-ca', { mode: 'verify-ca' }],
    ['?ssl=VERIFY_CA&ssl-ca=ca.pem', { mode: 'verify-ca', caFile: 'ca.pem' }],
    ['?ssl=verify-identity', { mode: 'verify-identity' }],
  ])('is the one given by %j', (query, tls) => {
    expect(parseDsn(`mysql://db/presence${query}`)).toMatchObject({ tls })
  })

  it('is verify-identity if the DSN only names a CA', () => {
    expect(parseDsn('mysql://db/presence?ssl-ca=/ca.pem')).toMatchObject({
      tls: { mode: 'verify-identity', caFile: '/ca.pem' },
    })
  })
})

describe('a DSN with an empty branch', () => {
  it('has no branch and requires none', () => {
    expect(parseDsn('mysql://db/presence?branch=')).toMatchObject({
      branch: undefined,
      branchRequired: false,
    })
  })
})

describe("a file's DSN", () => {
  it.each([
    ['sqlite:/var/board.db', '/var/board.db'],
    ['sqlite:///var/board.db', '/var/board.db'],
    ['sqlite:board.db', 'board.db'],
    ['sqlite:../a b/100%.db', '../a b/100%.db'],
    ['SQLite:/var/board.db', '/var/board.db'],
    ['sqlite:/доска/🦊.db', '/доска/🦊.db'],
  ])('is the path as written: %s', (text, file) => {
    expect(parseDsn(text)).toEqual({ scheme: 'sqlite', file, isPrivate: false, shown: file })
  })

  it.each([
    ['sqlite:', 'names no file'],
    ['sqlite://', 'names no file'],
    ['sqlite://board.db', 'names no file'],
    ['sqlite:/var/\0.db', 'NUL'],
  ])('is refused with the reason: %j', (text, reason) => {
    expect(faultOf(text)).toMatchObject({ code: 'invalid_dsn', message: expect.stringContaining(reason) })
  })
})

describe('a presence server’s DSN', () => {
  it.each([
    [
      'http://127.0.0.1:8787',
      { secure: false, host: '127.0.0.1', port: 8_787, prefix: '' },
      'http://127.0.0.1:8787',
    ],
    ['https://board.example', { secure: true, port: 443 }, 'https://board.example'],
    ['HTTP://[::1]:80/a/b//', { host: '::1', port: 80, prefix: '/a/b' }, 'http://[::1]/a/b'],
    ['https://h?tls-ca=ca.pem&token-file=t', { caFile: 'ca.pem', tokenFile: 't', token: '' }, 'https://h'],
    ['http://h?insecure=true', { insecure: true }, 'http://h'],
  ])('names host, port and prefix in %s', (text, parts, shown) => {
    expect(parseDsn(text)).toMatchObject({ scheme: 'http', ...parts, shown })
  })

  it.each([
    ['http://ana:s3cret@h', 'contains a user or a password'],
    ['http://s3cret@h', 'contains a user or a password'],
    ['http://ana:a/s3cret@h', 'not a URL'],
    ['http://h?token=s3cret', 'unknown parameter "token"'],
    ['http://h?tls-ca=ca.pem', 'of no use without TLS'],
    ['http://h?insecure=yes', 'neither true nor false'],
    ['http://h#x', 'has a #'],
    ['http://h:99999', 'not a URL'],
    ['http://h?token-file=', 'names no file'],
  ])('is refused without showing a secret: %s', (text, message) => {
    const fault = faultOf(text)
    expect(fault).toMatchObject({ code: 'invalid_dsn', message: expect.stringContaining(message) })
    expect(fault.message + fault.remedy).not.toContain('s3cret')
  })
})

describe('a DSN without a known scheme', () => {
  it.each([
    ['', 'has no scheme'],
    ['/var/board.db', 'has no scheme'],
    ['db.example', 'has no scheme'],
    ['postgres://db/presence', 'scheme "postgres" is not one of mysql, http, https, sqlite'],
    ['ftp://db/presence', 'scheme "ftp" is not one of mysql, http, https, sqlite'],
  ])('is refused with the valid forms: %j', (text, reason) => {
    const fault = faultOf(text)
    expect(fault).toMatchObject({ code: 'invalid_dsn', message: expect.stringContaining(reason) })
    expect(fault.remedy).toContain('mysql://user:password@host:3306/database or sqlite:/path/board.db')
  })
})

it.each(['s', 'mysql://db/presence?', 'mysql://db/presence?ssl='])(
  'a DSN that is refused is quoted only in part: %s…',
  start => {
    const { message } = faultOf(`${start}${'k'.repeat(500)}${start === 's' ? ':' : ''}`)
    expect(message).toContain('kkk')
    expect(message).not.toContain('k'.repeat(41))
  },
)

describe('the password of a DSN', () => {
  const MARK = 'hunter2'
  const char = integer({ min: 0, max: 0x10ffff }).map(code => String.fromCodePoint(code))
  const anything = string({ unit: char }).map(text => text.toWellFormed())
  const forms = constantFrom<(password: string) => string>(
    password => `mysql://ana:${password}@db.example/presence`,
    password => `mysql://ana:${password}@db.example/presence?branch=main`,
    password => `mysql://ana:${password}@db.example/presence?ssl=1`,
    password => `mysql://ana:${password}@db.example/presence?ssl=required&password-file=x`,
    password => `mysql://ana:${password}@db.example/presence?branch=%60`,
    password => `mysql://ana:${password}@db.example/`,
    password => `mysql://ana:${password}@db.example/a%zz`,
    password => `mysql://ana:${password}%@db.example/presence`,
    password => `mysql://ana:${password}@db.example:port/presence`,
    password => `mysql://ana:${password}@/presence`,
    password => `postgres://ana:${password}@db.example/presence`,
    password => `sqlite://ana:${password}@db.example/presence`,
    password => `mysql:ana:${password}@db.example/presence`,
    password => `mysql:///ana:${password}@db.example/presence`,
    password => `ana:${password}@db.example/presence`,
  )

  it('is never shown, whatever it contains and whatever is wrong with the DSN', () => {
    hold(
      property(anything, anything, forms, (before, after, form) => {
        const password = before + MARK + after
        const shown = shownOf(form(encodeURIComponent(password)))
        expect(shown).not.toContain(MARK)
      }),
      { numRuns: 1_000 },
    )
  })

  it('is read back unchanged, whatever it contains', () => {
    hold(
      property(anything, password => {
        expect(parseDsn(`mysql://ana:${encodeURIComponent(password)}@db.example/presence`)).toMatchObject({
          password,
          host: 'db.example',
        })
      }),
    )
  })

  it.each([
    'mysql://ana:/hunter2@db.example',
    'mysql://ana:1/hunter2@db.example',
    'mysql://ana:/x?hunter2@db.example/presence',
    'mysql://ana:1/x?a=1&hunter2@db.example/presence',
  ])('is not shown even if its special characters are not encoded: %s', text => {
    expect(shownOf(text)).not.toContain(MARK)
  })
})
