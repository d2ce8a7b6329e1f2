import { nameOf, quoted } from '../domain/agent-text.ts'
import { PresenceError } from '../domain/fault.ts'
import { nearest } from '../domain/nearest.ts'
import { oneLine } from '../domain/text.ts'
import { isHost } from './hosts.ts'

interface SqliteDsn {
  readonly scheme: 'sqlite'
  readonly file: string
  /** Whether only this user and root can write to the file and its folder. False also if that is not known. */
  readonly isPrivate: boolean
  readonly shown: string
}

export interface MysqlDsn {
  readonly scheme: 'mysql'
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  /** The file with the password, if the DSN holds none; relative to where the DSN was written. */
  readonly passwordFile: string | undefined
  /** How the connection is secured; undefined without TLS. */
  readonly tls: Tls | undefined
  readonly database: string
  /** On Dolt, the branch with the board's tables; undefined for an engine without branches. */
  readonly branch: string | undefined
  /** True if the DSN named the branch, so that an engine without it is an error. */
  readonly branchRequired: boolean
  /** Host, port and database, for messages; never user or password. */
  readonly shown: string
}

/** The address of a presence server, which keeps the board. */
export interface HttpDsn {
  readonly scheme: 'http'
  /** True for `https`. */
  readonly secure: boolean
  readonly host: string
  readonly port: number
  /**
   * The path before the server's own paths, for a server behind a proxy: empty, or starting with `/` and
   * without a trailing `/`.
   */
  readonly prefix: string
  /** The token to send; empty for none. It never comes from the DSN's text. */
  readonly token: string
  /** Where the token came from, for messages. */
  readonly tokenFrom?: string
  /** The file with the token; relative to where the DSN was written. */
  readonly tokenFile: string | undefined
  /** The CAs to trust, in PEM, instead of Node's own. */
  readonly caFile: string | undefined
  /** True if the token may be sent without TLS to another host. */
  readonly insecure: boolean
  readonly shown: string
}

/** The address of a database. */
export type StoreDsn = SqliteDsn | MysqlDsn
export type Dsn = StoreDsn | HttpDsn
/** A board that is reached over a network and may be unreachable. */
export type ServerDsn = MysqlDsn | HttpDsn

/**
 * The modes of MySQL's `ssl-mode`, without `preferred`: an attacker on the way could make it fall back to no
 * TLS.
 */
const TLS_MODES = ['required', 'verify-ca', 'verify-identity'] as const

export interface Tls {
  /**
   * `required`: encrypted; `verify-ca`: and the certificate is signed by a trusted CA; `verify-identity`: and
   * it is issued for this host.
   */
  readonly mode: (typeof TLS_MODES)[number]
  /** The CAs to trust, in PEM, instead of Node's own. */
  readonly caFile: string | undefined
}

/**
 * Each branch has its own working set, and Dolt's default branch can be changed, so the board is on this
 * branch unless the DSN names another.
 */
export const BRANCH_DEFAULT = 'main'
const PORT_DEFAULT = 3_306
/** Parameters that name a file, relative to where the DSN was written. */
const MYSQL_FILES = ['ssl-ca', 'password-file']
const HTTP_FILES = ['tls-ca', 'token-file']
export const FILE_PARAMETERS: readonly string[] = [...MYSQL_FILES, ...HTTP_FILES]
const MYSQL_PARAMETERS = ['branch', 'ssl', ...MYSQL_FILES]
const HTTP_PARAMETERS = ['insecure', ...HTTP_FILES]
/** The number of characters shown of a part of the DSN. Somebody else may have written it. */
const SHOWN_MAX = 40
const FORMS =
  'mysql://user:password@host:3306/database or sqlite:/path/board.db, or http://host:8787 for a presence server'

/**
 * Parses the DSN of a board.
 *
 * @param text `mysql://user:password@host:port/database[?branch=main&ssl=verify-identity&…]`,
 *   `http(s)://host:port`, or `sqlite:<path>`
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
      : `the DSN's scheme ${quoted(scheme, SHOWN_MAX)} is not one of mysql, http, https, sqlite`,
  )
}

function parseSqlite(text: string): SqliteDsn {
  const file = text.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '')
  if (file === '' || file.startsWith('//'))
    throw invalid('the DSN names no file', 'write it as sqlite:/path/board.db')
  if (/^(:memory:|file:)/.test(file))
    throw invalid(
      "the DSN must name a database file by its path: sessions can't share an in-memory database, and file: URIs are not supported",
      'write it as sqlite:/path/board.db',
    )
  if (file.includes('\0')) throw invalid("the DSN's path contains a NUL character")
  return { scheme: 'sqlite', file, isPrivate: false, shown: file }
}

function parseMysql(text: string): MysqlDsn {
  const url = URL.parse(text)
  if (!url)
    throw invalid(
      'the DSN is not a URL: check its port, and encode special characters of the password (@ is %40)',
    )
  // If there is an '@' after the host, the password has an unencoded /, ? or #, and the URL parser took the
  // text before that character for the host.
  if (/@/.test(url.pathname + url.search + url.hash))
    throw invalid(
      'the DSN has an @ after its host',
      'encode special characters of the password: / is %2F, ? is %3F, # is %23',
    )
  if (url.hostname === '') throw invalid('the DSN names no host')
  // Of a scheme that it doesn't know, the URL parser takes nearly everything for a host.
  if (!isHost(url.hostname)) throw invalid("the DSN's host has a character that isn't allowed in a host")
  const database = decoded(url.pathname.slice(1), 'database')
  if (database === '') throw invalid('the DSN names no database')
  if (/[/`\0]/.test(database))
    throw invalid("the DSN's database name has a character that isn't allowed there")
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
    shown: `${url.hostname}:${port}/${nameOf(database)}`,
  }
}

function parseHttp(text: string): HttpDsn {
  const url = URL.parse(text)
  if (!url) throw invalid('the DSN is not a URL: check its host and port')
  // Also refuses an @ anywhere else: the text before it may be a secret.
  if (url.username !== '' || url.password !== '' || /@/.test(url.pathname + url.search + url.hash))
    throw invalid(
      'the DSN of a presence server contains a user or a password',
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
      `the DSN has an unknown parameter ${quoted(name, SHOWN_MAX)}`,
      guess ? `did you mean ${guess}?` : `the parameters are ${known.join(', ')}`,
    )
  }
  return searchParams
}

/** The branch. An empty value means no branch, which saves the query for it on an engine without branches. */
function branchOf(parameters: URLSearchParams): string | undefined {
  const branch = parameters.get('branch') ?? undefined
  if (branch !== undefined && !/^[\w./-]{0,250}$/.test(branch))
    throw invalid("the DSN's branch is not a valid branch name")
  return branch
}

/** A CA file alone means `verify-identity`. A CA file with a mode that ignores it is an error. */
function tlsOf(parameters: URLSearchParams): Tls | undefined {
  const caFile = fileOf(parameters, 'ssl-ca')
  const given = parameters.get('ssl')?.toLowerCase().replace('_', '-')
  if (given === undefined && caFile !== undefined) return { mode: 'verify-identity', caFile }
  if (given === undefined || given === 'disabled') {
    if (caFile !== undefined) throw invalid("the DSN's ssl-ca is of no use with ssl=disabled", TLS_REMEDY)
    return undefined
  }
  const mode = TLS_MODES.find(each => each === given)
  if (mode === undefined) throw invalid(`the DSN's ssl ${quoted(given, SHOWN_MAX)} is not a mode`, TLS_REMEDY)
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
