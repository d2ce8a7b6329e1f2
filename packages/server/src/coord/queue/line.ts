import { hash } from 'node:crypto'

/** A call that a client could not make, from the outbox of seed 003's clients. */
export interface QueuedCall {
  /** The line as written, without its newline. */
  readonly line: string
  /**
   * When the client made it, in milliseconds since 1970 by this host's clock.
   * Undefined if the line has no valid time.
   */
  readonly at: number | undefined
  readonly method: string
  /** The path, which starts with `/api/coord/`, and the query. */
  readonly path: string
  readonly body: unknown
  /** The idempotency key, derived from the line: a call whose answer was lost is not made twice. */
  readonly key: string
}

const METHODS = ['POST', 'PUT', 'PATCH', 'DELETE']
const PREFIX = '/api/coord/'
/** A placeholder origin, used only to resolve paths. */
const ANY = 'http://server.invalid'

/**
 * Parses a line of the outbox. Calls can only go to the coordination API of the board's own server.
 *
 * @returns the call, or the reason why the line is not a valid call
 */
export function parseLine(line: string): QueuedCall | string {
  const read = jsonOf(line)
  if (typeof read !== 'object' || read === null || Array.isArray(read)) return 'is not a JSON object'
  const { ts, method, path, body } = read as Record<string, unknown>
  if (typeof method !== 'string' || !METHODS.includes(method))
    return `has none of the methods ${METHODS.join(', ')}`
  if (typeof path !== 'string') return 'has no path'
  const to = path.startsWith(PREFIX) ? URL.parse(path, ANY) : null
  if (!to || to.origin !== ANY || !to.pathname.startsWith(PREFIX)) return `has a path outside ${PREFIX}`
  const at = typeof ts === 'string' ? Date.parse(ts) : Number.NaN
  return {
    line,
    at: Number.isNaN(at) ? undefined : at,
    method,
    path: to.pathname + to.search,
    body,
    key: hash('sha256', line, 'hex'),
  }
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
