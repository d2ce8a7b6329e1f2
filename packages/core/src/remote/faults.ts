import type { HttpDsn } from '../config/dsn.ts'
import { firstOutside, sandboxedConnection } from '../config/sandbox.ts'
import { quoted } from '../domain/agent-text.ts'
import { FAULT_CODES, type FaultCode, isServersOwn, PresenceError } from '../domain/fault.ts'
import { objectIn } from '../domain/object.ts'
import { cutTo, oneLine } from '../domain/text.ts'
import { TOO_LARGE } from './exchange.ts'
import { API_HEADER, API_VERSION, VERSION_HEADER } from './headers.ts'
import type { HttpAnswer } from './message.ts'

/** The most characters shown of a server's text. */
const TEXT_MAX = 500

/** Faults of the caller's own setup, which a server can't report. */
const CALLERS: ReadonlySet<FaultCode> = new Set(['invalid_dsn', 'invalid_config', 'invalid_session'])

const CHECK = 'check that the server runs and that the DSN names it'
const TOKEN = 'give its token: PRESENCE_SERVER_TOKEN, or a file in the DSN, ?token-file=<file>'

/** The fault for a request that got no answer. */
export function unreachable({ shown }: HttpDsn, error: unknown): PresenceError {
  const { code = '', message = '' } = error as NodeJS.ErrnoException
  if (code === TOO_LARGE)
    return new PresenceError(
      'unreachable',
      `the server at ${shown} is probably not a presence server: its answer is too large`,
      'check the address in the DSN',
      { cause: error },
    )
  const sandboxed = sandboxedConnection(code, shown, error)
  if (sandboxed) return sandboxed
  const noTls = TLS_CODES.test(code)
  return new PresenceError(
    noTls ? 'tls_failed' : 'unreachable',
    `presence server unreachable at ${shown}: ${noTls ? `TLS with it failed: ${quoted(message)}` : (REASONS[code] ?? ((message && quoted(message)) || code))}`,
    noTls ? "check the DSN's host and tls-ca, and the server's certificate" : `${firstOutside(code)}${CHECK}`,
    { cause: error },
  )
}

/** Whether a request was cut after it was sent, or its answer before it was complete. */
export function wasCut(error: unknown): boolean {
  if (!(error instanceof PresenceError)) return false
  const { code } = (error.cause ?? {}) as NodeJS.ErrnoException
  return code !== undefined && CUT.has(code)
}

const CUT: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'HPE_INVALID_EOF_STATE'])

export function tooLate(dsn: HttpDsn): PresenceError {
  return unreachable(dsn, new Error('no answer in time'))
}

/** The fault for a presence server's answer that lacks what the verb's answer always has. */
export function notUnderstood({ shown }: HttpDsn, verb: string): PresenceError {
  return new PresenceError(
    'unreachable',
    `the presence server at ${shown} answers ${verb} in a way that this presence doesn't understand`,
    'check that nothing in between changes its answers, and update the older of the two',
  )
}

/** OpenSSL's and Node's codes for an untrusted certificate, or for a peer that doesn't speak TLS. */
const TLS_CODES =
  /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|EPROTO|ERR_INVALID_CERT|HOSTNAME_MISMATCH)/

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: "the host name can't be looked up now",
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
}

/** Statuses with which a presence server refuses a request permanently: RFC 9110, 15.5. */
const INVALID: ReadonlySet<number> = new Set([400, 413, 415, 422])

/** The fault for an answer that is neither the board's answer nor a refusal. */
export function faultIn(answer: HttpAnswer, verb: string, dsn: HttpDsn): PresenceError {
  const { status, headers } = answer
  const said = saidIn(answer)
  if (status === 401 || status === 403) return denied(status, said, dsn)
  if (status === 429 || said.code === 'busy') return busy(answer, said, dsn)
  if (status === 502 || status === 503 || status === 504) return away(answer, said, dsn)
  // Servers before this version answer 500.
  if (status === 500 && isServersOwn(said.code)) return away(answer, said, dsn)
  const version = headers[VERSION_HEADER]
  if (version === undefined) return stranger(answer, dsn)
  const otherApi = otherApiIn(answer, dsn)
  if (otherApi) return otherApi
  if (status === 404)
    return new PresenceError(
      'server_older',
      `the presence server at ${dsn.shown} (${shownOf(String(version))}) is older than this presence: it has no ${verb}`,
      'update the server',
    )
  return new PresenceError(
    INVALID.has(status) && said.code === 'unexpected' ? 'rejected' : said.code,
    said.message || `the presence server at ${dsn.shown} answers ${status}`,
    said.remedy || "look at the server's log",
  )
}

/** The fault for an answer whose body this client can't read, because one of the two is older. */
export function otherApiIn({ headers }: HttpAnswer, dsn: HttpDsn): PresenceError | undefined {
  const api = Number(headers[API_HEADER] ?? 1)
  if (api === API_VERSION) return undefined
  const version = shownOf(String(headers[VERSION_HEADER]))
  const server = `the presence server at ${dsn.shown} (${version})`
  return api < API_VERSION
    ? new PresenceError('server_older', `${server} is older than this presence`, 'update the server')
    : new PresenceError('server_newer', `${server} is newer than this presence`, 'update this presence')
}

/** 401: a token is missing or wrong. 403: this token may not do that; the fault's `cause` is the status. */
function denied(
  status: 401 | 403,
  { message, remedy }: Said,
  { shown, tokenFrom: from }: HttpDsn,
): PresenceError {
  const text = `the presence server at ${shown} denies access`
  if (status === 403)
    return new PresenceError(
      'access_denied',
      `${text}: ${message || 'the token does not allow this'}`,
      remedy || TOKEN,
      { cause: status },
    )
  return from === undefined
    ? new PresenceError('access_denied', `${text}: ${message || 'the token is missing'}`, TOKEN, {
        cause: status,
      })
    : new PresenceError(
        'access_denied',
        `${text}: ${message || 'it does not accept the token'} (the token is from ${from})`,
        "check that it is this server's token and complete, or ask the server's operator for a new one, made with presence token add",
        { cause: status },
      )
}

/**
 * The fault for a busy server. After too many requests, the fault says when to retry (`retryAt`). If too many
 * sessions claim one label (409), it has no such time.
 */
function busy({ status, headers }: HttpAnswer, { message, remedy }: Said, { shown }: HttpDsn): PresenceError {
  if (status === 409) return new PresenceError('busy', message, remedy)
  const retryAt = momentToRetry(headers['retry-after'])
  const text = `the presence server at ${shown} gets too many requests${message && `: ${message}`}`
  return new PresenceError('busy', text, 'wait, and send fewer requests', { retryAt })
}

function away(
  { status, headers }: HttpAnswer,
  { code, message, remedy }: Said,
  { shown }: HttpDsn,
): PresenceError {
  const retryAt = momentToRetry(headers['retry-after'])
  if (code === 'too_slow') return new PresenceError(code, `${message}: ${shown}`, remedy, { retryAt })
  return new PresenceError(
    'unreachable',
    `the board is unreachable: the server at ${shown} answers ${status}${message && `: ${message}`}`,
    CHECK,
    { retryAt },
  )
}

/**
 * The fault for an answer of another program. The call isn't on the board but may succeed later, for example
 * if a proxy answers while the server starts.
 */
function stranger({ status, headers }: HttpAnswer, dsn: HttpDsn): PresenceError {
  const { location } = headers
  if (status >= 300 && status < 400 && location !== undefined)
    return new PresenceError(
      'unreachable',
      `${dsn.shown} redirects to ${shownOf(location)}, which is not followed`,
      'if that is the presence server, name it in the DSN',
    )
  const type = headers['content-type'] ?? 'no type'
  return new PresenceError(
    'unreachable',
    `the server at ${dsn.shown} is not a presence server: ${status}, ${shownOf(type)}`,
    CHECK,
  )
}

interface Said {
  readonly code: FaultCode
  readonly message: string
  readonly remedy: string
}

function saidIn({ body, headers }: HttpAnswer): Said {
  const nothing: Said = { code: 'unexpected', message: '', remedy: '' }
  if (headers[VERSION_HEADER] === undefined) return nothing
  const { error } = (objectIn(body) ?? {}) as { error?: Partial<Record<keyof Said, unknown>> }
  const code = FAULT_CODES.find(each => each === error?.code && !CALLERS.has(each)) ?? 'unexpected'
  const text = (value: unknown) => (typeof value === 'string' ? shownOf(value) : '')
  return { code, message: text(error?.message), remedy: text(error?.remedy) }
}

/** Parses `Retry-After`: seconds, or a date (RFC 9110, 10.2.3). */
export function momentToRetry(given: string | undefined): Date | undefined {
  if (given === undefined) return undefined
  const at = /^\d{1,9}$/.test(given.trim()) ? Date.now() + Number(given) * 1_000 : Date.parse(given)
  return Number.isNaN(at) ? undefined : new Date(at)
}

function shownOf(text: string): string {
  return oneLine(cutTo(text, TEXT_MAX))
}
