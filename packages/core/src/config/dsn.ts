import { PresenceError } from '../domain/fault.ts'
import { nearest } from '../domain/nearest.ts'
import { oneLine } from '../domain/text.ts'

interface SqliteDsn {
  readonly scheme: 'sqlite'
  readonly file: string
  readonly shown: string
}

export interface MysqlDsn {
  readonly scheme: 'mysql'
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  /** Where the password stands when the DSN doesn't say it: a file, relative to where the DSN was written. */
  readonly passwordFile: string | undefined
  /** How the connection is secured; undefined where it goes in the clear. */
  readonly tls: Tls | undefined
  readonly database: string
  /** On Dolt, the branch whose tables are the board's; undefined where the engine has none. */
  readonly branch: string | undefined
  /** Was the branch asked for by name, so that an engine without it is an error? */
  readonly branchRequired: boolean
  /** Host, port and database for messages: never user or password. */
  readonly shown: string
}

/** A presence server, which has the board. */
export interface HttpDsn {
  readonly scheme: 'http'
  /** Over TLS: `https`. */
  readonly secure: boolean
  readonly host: string
  readonly port: number
  /** Before its paths, where it is behind others: empty, or `/` and a path without one at its end. */
  readonly prefix: string
  /** What it is asked with; empty for none. Never of the DSN's text. */
  readonly token: string
  /** Where the token stands: a file, relative to where the DSN was written. */
  readonly tokenFile: string | undefined
  /** The CAs to trust, in PEM, in place of Node's own. */
  readonly caFile: string | undefined
  /** A token may go in the clear to a host that isn't this one. */
  readonly insecure: boolean
  readonly shown: string
}

/** Where a database is. */
export type StoreDsn = SqliteDsn | MysqlDsn
export type Dsn = StoreDsn | HttpDsn
/** What is reached over a network, and may be away. */
export type ServerDsn = MysqlDsn | HttpDsn

/** MySQL's own terms (its `ssl-mode`), but for `preferred`: whoever sits in between would only have to say no. */
const TLS_MODES = ['required', 'verify-ca', 'verify-identity'] as const

export interface Tls {
  /** Encrypted; with a certificate of a trusted CA; and made out to this host. */
  readonly mode: (typeof TLS_MODES)[number]
  /** The CAs to trust, in PEM, in place of Node's own. */
  readonly caFile: string | undefined
}

/** A working set is a branch's own, and Dolt's default branch can be redirected: the board is always on this one. */
export const BRANCH_DEFAULT = 'main'
const PORT_DEFAULT = 3_306
/** Parameters that name a file, which is meant from where the DSN was written. */
const MYSQL_FILES = ['ssl-ca', 'password-file']
const HTTP_FILES = ['tls-ca', 'token-file']
export const FILE_PARAMETERS: readonly string[] = [...MYSQL_FILES, ...HTTP_FILES]
const MYSQL_PARAMETERS = ['branch', 'ssl', ...MYSQL_FILES]
const HTTP_PARAMETERS = ['insecure', ...HTTP_FILES]
const FORMS =
  'mysql://user:password@host:3306/database or sqlite:/path/board.db, or http://host:8787 for a presence server'

/**
 * Parses where a board is.
 *
 * @param text `mysql://user:password@host:port/database[?branch=main&ssl=verify-identity&…]`, `http(s)://host:port`, or
 *   `sqlite:<path>`
 * @throws PresenceError `invalid_dsn`, without the password
 */
export function parseDsn(text: string): Dsn {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase()
  if (scheme === 'sqlite') return parseSqlite(text)
  if (scheme === 'mysql') return parseMysql(text)
  if (scheme === 'http' || scheme === 'https') return parseHttp(text)
  throw invalid(
    scheme === undefined
      ? 'the DSN has no scheme'
      : `the DSN's scheme "${oneLine(scheme)}" is not one of mysql, http, https, sqlite`,
  )
}

function parseSqlite(text: string): SqliteDsn {
  const file = text.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '')
  if (file === '' || file.startsWith('//'))
    throw invalid('the DSN names no file', 'write it as sqlite:/path/board.db')
  if (/^(:memory:|file:)/.test(file))
    throw invalid(
      'the DSN names no file that another session could open',
      'write it as sqlite:/path/board.db',
    )
  if (file.includes('\0')) throw invalid("the DSN's path holds a NUL character")
  return { scheme: 'sqlite', file, shown: file }
}

function parseMysql(text: string): MysqlDsn {
  const url = URL.parse(text)
  if (!url)
    throw invalid(
      'the DSN is not a URL: check its port, and encode special characters of the password (@ is %40)',
    )
  // An '@' behind the host is a password's: one of its characters ended the host too early.
  if (/@/.test(url.pathname + url.search + url.hash))
    throw invalid(
      'the DSN has an @ after its host',
      'encode special characters of the password: / is %2F, ? is %3F, # is %23',
    )
  if (url.hostname === '') throw invalid('the DSN names no host')
  const database = decoded(url.pathname.slice(1), 'database')
  if (database === '') throw invalid('the DSN names no database')
  if (/[/`\0]/.test(database)) throw invalid("the DSN's database has a character that no database has")
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = url.port === '' ? PORT_DEFAULT : Number(url.port)
  const parameters = parametersOf(url, MYSQL_PARAMETERS)
  const branch = branchOf(parameters)
  const password = decoded(url.password, 'password')
  const passwordFile = fileOf(parameters, 'password-file')
  if (password !== '' && passwordFile !== undefined)
    throw invalid('the DSN has both a password and a password-file', 'leave one of them out')
  return {
    scheme: 'mysql',
    host,
    port,
    user: decoded(url.username, 'user') || 'root',
    password,
    passwordFile,
    tls: tlsOf(parameters),
    database,
    branch: branch === undefined ? BRANCH_DEFAULT : branch || undefined,
    branchRequired: Boolean(branch),
    shown: `${url.hostname}:${port}/${oneLine(database)}`,
  }
}

function parseHttp(text: string): HttpDsn {
  const url = URL.parse(text)
  if (!url) throw invalid('the DSN is not a URL: check its host and port')
  // Also one that holds an @ somewhere else: whatever is before it may be meant as a secret.
  if (url.username !== '' || url.password !== '' || /@/.test(url.pathname + url.search + url.hash))
    throw invalid(
      'the DSN of a presence server holds a user or a password',
      `it takes a token: ${TOKEN_REMEDY}`,
    )
  if (url.hash !== '') throw invalid('the DSN has a # after its host')
  const secure = url.protocol === 'https:'
  const prefix = url.pathname.replace(/\/+$/, '')
  const parameters = parametersOf(url, HTTP_PARAMETERS)
  const caFile = fileOf(parameters, 'tls-ca')
  if (caFile !== undefined && !secure)
    throw invalid("the DSN's tls-ca is of no use without TLS", 'write the DSN with https://')
  const insecure = parameters.get('insecure') ?? 'false'
  if (insecure !== 'true' && insecure !== 'false')
    throw invalid("the DSN's insecure is neither true nor false", TOKEN_REMEDY)
  return {
    scheme: 'http',
    secure,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    prefix,
    token: '',
    tokenFile: fileOf(parameters, 'token-file'),
    caFile,
    insecure: insecure === 'true',
    shown: oneLine(`${url.origin}${prefix}`),
  }
}

const TOKEN_REMEDY = 'PRESENCE_SERVER_TOKEN, or ?token-file=<file> in the DSN'

function parametersOf({ searchParams }: URL, known: readonly string[]): URLSearchParams {
  for (const name of searchParams.keys()) {
    if (known.includes(name)) {
      if (searchParams.getAll(name).length > 1) throw invalid(`the DSN has ${name} more than once`)
      continue
    }
    const guess = nearest(name, known)
    throw invalid(
      `the DSN has an unknown parameter "${oneLine(name)}"`,
      guess ? `did you mean ${guess}?` : `the parameters are ${known.join(', ')}`,
    )
  }
  return searchParams
}

/** The branch; empty for none, which spares an engine that has no branches the question. */
function branchOf(parameters: URLSearchParams): string | undefined {
  const branch = parameters.get('branch') ?? undefined
  if (branch !== undefined && !/^[\w./-]{0,250}$/.test(branch))
    throw invalid("the DSN's branch is not a branch's name")
  return branch
}

/** A CA file alone asks for the whole check; one beside a mode that doesn't look at it is a mistake. */
function tlsOf(parameters: URLSearchParams): Tls | undefined {
  const caFile = fileOf(parameters, 'ssl-ca')
  const given = parameters.get('ssl')?.toLowerCase().replace('_', '-')
  if (given === undefined && caFile !== undefined) return { mode: 'verify-identity', caFile }
  if (given === undefined || given === 'disabled') {
    if (caFile !== undefined) throw invalid("the DSN's ssl-ca is of no use with ssl=disabled", TLS_REMEDY)
    return undefined
  }
  const mode = TLS_MODES.find(each => each === given)
  if (mode === undefined) throw invalid(`the DSN's ssl "${oneLine(given)}" is no mode`, TLS_REMEDY)
  if (mode === 'required' && caFile !== undefined)
    throw invalid("the DSN's ssl-ca is of no use with ssl=required, which checks no certificate", TLS_REMEDY)
  return { mode, caFile }
}

const TLS_REMEDY = `ssl is one of disabled, ${TLS_MODES.join(', ')}; the last checks the most`

function fileOf(parameters: URLSearchParams, name: string): string | undefined {
  const file = parameters.get(name) ?? undefined
  if (file !== undefined && (file === '' || file.includes('\0')))
    throw invalid(`the DSN's ${name} names no file`)
  return file
}

function decoded(part: string, what: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw invalid(`the DSN's ${what} has a % that encodes nothing`, 'write a plain % as %25')
  }
}

function invalid(message: string, remedy = `write it as ${FORMS}`): PresenceError {
  return new PresenceError('invalid_dsn', message, remedy)
}
