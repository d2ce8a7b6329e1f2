import { hash } from 'node:crypto'
import { objectIn, type Server } from '@presence/core/internal'
import { AGE_MS_MAX } from '../said.ts'

/** A request to the board's server. */
export type Request = Parameters<Server['ask']>[0]

/** A call that a client could not make, from the outbox of seed 003's clients. */
export interface QueuedCall {
  /**
   * When the client made it, in milliseconds since 1970 by this host's clock.
   * Undefined if the line has no valid time.
   */
  readonly at: number | undefined
  readonly method: string
  /** The path, which starts with `/api/coord/`, and the query. The origin is only a placeholder. */
  readonly url: URL
  readonly body: unknown
  /** The idempotency key, derived from the line: a call whose answer was lost is not made twice. */
  readonly key: string
}

const METHODS = ['POST', 'PUT', 'PATCH', 'DELETE']
const PREFIX = '/api/coord/'
const LOCKS = /^\/api\/coord\/+locks(\/|$)/
const COMPONENT = /^\/api\/coord\/components(\/[^/]+\/[^/]+)?$/
const MESSAGES = '/api/coord/messages'
/** A placeholder origin, used only to resolve paths. */
const ANY = 'http://server.invalid'

/**
 * Parses a line of the outbox. Calls can only go to the coordination API of the board's own server.
 *
 * @returns the call, or the reason why the line is not a valid call
 */
export function parseLine(line: string): QueuedCall | string {
  const read = objectIn(line)
  if (!read) return 'is not a JSON object'
  const { ts, method, path, body } = read
  if (typeof method !== 'string' || !METHODS.includes(method))
    return `has none of the methods ${METHODS.join(', ')}`
  if (typeof path !== 'string') return 'has no path'
  const url = path.startsWith(PREFIX) ? URL.parse(path, ANY) : null
  if (!url || url.origin !== ANY || !url.pathname.startsWith(PREFIX)) return `has a path outside ${PREFIX}`
  const at = typeof ts === 'string' ? Date.parse(ts) : Number.NaN
  return { at: Number.isNaN(at) ? undefined : at, method, url, body, key: hash('sha256', line, 'hex') }
}

/**
 * Why a call must not be replayed, or undefined if it may. A client that got no answer to its lock call
 * continued without the lock, so no one waits for it. A lock is only taken from another session by a call
 * that is made live, never by a replay.
 */
export function whyNotReplayed({ method, url }: QueuedCall): string | undefined {
  if (url.searchParams.get('force') === 'true')
    return 'the call would take a lock away from its session, and such calls are never replayed'
  return method === 'POST' && LOCKS.test(unescaped(url.pathname))
    ? 'the call would take a lock, and such calls are never replayed: take the lock when you need it'
    : undefined
}

/** The request that makes the call at the time `now`, with the call's age if the route accepts one. */
export function requestOf({ at, method, url, body, key }: QueuedCall, now: number): Request {
  const to = new URL(url)
  const takesAge =
    (method === 'PUT' && COMPONENT.test(to.pathname)) || (method === 'POST' && to.pathname === MESSAGES)
  if (at !== undefined && takesAge) {
    const age = Math.max(0, Math.min(Math.round(now - at), AGE_MS_MAX))
    to.searchParams.set('said_ms_ago', String(age))
  }
  const hasBody = method !== 'DELETE' && body !== undefined && body !== null
  return {
    method,
    path: to.pathname + to.search,
    headers: { 'idempotency-key': key },
    ...(hasBody ? { body: JSON.stringify(body) } : {}),
  }
}

/** Decodes a path as the router does. */
function unescaped(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
