import type { Hook } from '@hono/zod-openapi'
import { z } from '@hono/zod-openapi'
import { PresenceError } from '@presence/core'
import type { Context, Env } from 'hono'
import { HTTPException } from 'hono/http-exception'

/** What `/api/coord` tells a client that met a database that is away, in seconds: seed 003's clients know this number. */
const COORD_AFTER_SECONDS = 30
/** What is true: the database is asked twice a second whether it is back. */
const RETRY_AFTER_SECONDS = 1
/** The same of one that is there and has too much to do. */
const BUSY_AFTER_SECONDS = 2
const COORD = '/api/coord'

/** What every answer that is no success holds. `detail` is for people, `error` for programs. */
export const ErrorBody = z
  .object({
    detail: z.string(),
    error: z.object({ code: z.string(), message: z.string(), remedy: z.string() }),
    retry_after: z.number().int().optional(),
  })
  .openapi('Error')

/** Faults of where the board is kept, which pass: the database is away, or has too much to do. */
export const AWAY: ReadonlySet<string> = new Set([
  'unreachable',
  'too_slow',
  'too_many_connections',
  'busy',
  'tls_failed',
])

/** What helps where the board's schema isn't one for this server: its clients can do nothing about it. */
const AT_SERVER: Readonly<Record<string, string>> = {
  schema_missing: 'run presence migrate where the server runs',
  schema_older: 'run presence migrate where the server runs',
  schema_newer: 'upgrade presence where the server runs',
}

interface Said {
  readonly code: string
  /** A fact. */
  readonly message: string
  /** What to do next. */
  readonly remedy: string
}

/** Thrown where a request goes no further. */
export class Denied extends Error {
  override readonly name = 'Denied'
  readonly status: number
  readonly said: Said
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, said: Said, headers: Readonly<Record<string, string>> = {}) {
    super(said.message)
    this.status = status
    this.said = said
    this.headers = headers
  }
}

/** A database that is away is 503 with a time to come back at; what else goes wrong is 500, without its inner workings. */
export function onFault(error: Error, c: Context) {
  if (error instanceof Denied) {
    for (const [name, value] of Object.entries(error.headers)) c.header(name, value)
    return refuse(c, error.status, error.said.code, error.message, error.said.remedy)
  }
  if (error instanceof HTTPException) return refuse(c, error.status, 'bad_request', error.message)
  const isFault = error instanceof PresenceError
  if (isFault && error.code === 'busy')
    return unavailable(c, BUSY_AFTER_SECONDS, 'Database busy', error.code, 'too many ask the board at once')
  if (isFault && error.code === 'too_slow')
    return unavailable(
      c,
      BUSY_AFTER_SECONDS,
      'Database too slow',
      error.code,
      'the board took too long to answer',
    )
  if (isFault && AWAY.has(error.code))
    return unavailable(
      c,
      c.req.path.startsWith(`${COORD}/`) ? COORD_AFTER_SECONDS : RETRY_AFTER_SECONDS,
      'Database unavailable',
      error.code,
      'the board gives no answer',
    )
  if (isFault && error.code === 'rejected') return refuse(c, 422, error.code, error.message, error.remedy)
  if (isFault) return refuse(c, 500, error.code, error.message, AT_SERVER[error.code] ?? error.remedy)
  return refuse(c, 500, 'unexpected', 'the server failed', "look at the server's log")
}

function unavailable(c: Context, seconds: number, what: string, code: string, message: string) {
  c.header('Retry-After', `${seconds}`)
  return c.json(
    {
      detail: `${what}. Retry after ${seconds} second${seconds === 1 ? '' : 's'}.`,
      retry_after: seconds,
      error: { code, message, remedy: 'try again later' },
    },
    503,
  )
}

/** Input that its schema doesn't take. */
export const onInvalid: Hook<unknown, Env, string, unknown> = (result, c) => {
  if (result.success) return undefined
  const [issue] = result.error.issues
  const at = issue?.path.join('.') ?? ''
  return refuse(c, 422, 'invalid_input', at ? `${at}: ${issue?.message}` : (issue?.message ?? 'bad input'))
}

export function onNotFound(c: Context) {
  return refuse(c, 404, 'not_found', 'there is nothing at this address', 'see /openapi.json')
}

export function refuse(
  c: Context,
  status: 400 | 401 | 403 | 404 | 409 | 422 | 500 | number,
  code: string,
  message: string,
  remedy = 'see /openapi.json',
) {
  return c.json({ detail: message, error: { code, message, remedy } }, status as 400)
}
