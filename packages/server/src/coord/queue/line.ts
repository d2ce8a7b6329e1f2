import { hash } from 'node:crypto'

/** A call that a client could not make, as seed 003 has it in its queue. */
export interface QueuedCall {
  /** The line that says so, without its end. */
  readonly line: string
  /** When it was to be made, in milliseconds since 1970 by this host's clock; undefined where it doesn't say. */
  readonly at: number | undefined
  readonly method: string
  /** Below `/api/coord/`, with its query. */
  readonly path: string
  readonly body: unknown
  /** The same for the same line: what was done and only its answer lost is not done twice. */
  readonly key: string
}

const METHODS = ['POST', 'PUT', 'PATCH', 'DELETE']
const PREFIX = '/api/coord/'
/** Whose address doesn't matter: it only tells what a path would be on any. */
const ANY = 'http://server.invalid'

/**
 * Reads a line of the queue.
 *
 * @returns why it can't be one, where it can't: a call goes to the board's own server and its coordination API alone
 */
export function parseLine(line: string): QueuedCall | string {
  const read = jsonOf(line)
  if (typeof read !== 'object' || read === null || Array.isArray(read)) return 'is no JSON object'
  const { ts, method, path, body } = read as Record<string, unknown>
  if (typeof method !== 'string' || !METHODS.includes(method)) return `has no method of ${METHODS.join(', ')}`
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
