import type { Hook } from '@hono/zod-openapi'
import { z } from '@hono/zod-openapi'
import { PresenceError } from '@presence/core'
import { isServersOwn, isUnanswered } from '@presence/core/internal'
import type { Context, Env } from 'hono'
import { HTTPException } from 'hono/http-exception'

/**
 * `Retry-After` of `/api/coord` while the database is unreachable, in seconds.
 * Seed 003's clients expect this number.
 */
const COORD_AFTER_SECONDS = 30
/**
 * `Retry-After` elsewhere, in seconds. The server checks two to four times a second whether the database is
 * back.
 */
const RETRY_AFTER_SECONDS = 1
/** `Retry-After` while the database is reachable but overloaded, in seconds. */
const BUSY_AFTER_SECONDS = 2
const COORD = '/api/coord'

/** The body of every error response. `detail` is for people, `error` for programs. */
export const ErrorBody = z
  .object({
    detail: z.string(),
    error: z.object({ code: z.string(), message: z.string(), remedy: z.string() }),
    retry_after: z.number().int().optional(),
  })
  .openapi('Error')

/**
 * Remedies for a schema that this server can't use.
 * Only the server's operator can apply them, not its clients.
 */
const AT_SERVER: Readonly<Record<string, string>> = {
  schema_missing: 'run presence migrate where the server runs',
  schema_older: 'run presence migrate where the server runs',
  schema_newer: 'upgrade presence where the server runs',
}

interface Said {
  readonly code: string
  /** What is wrong. */
  readonly message: string
  /** What to do next. */
  readonly remedy: string
}

/** Thrown to refuse a request with this status and error body. */
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

/**
 * Answers an error. A fault of the database is 503 with `Retry-After`, also if its operator has to fix it,
 * `rejected` is 422, and any other fault is 500. Unexpected errors don't reveal internal details.
 */
export function onFault(error: Error, c: Context) {
  if (error instanceof Denied) {
    for (const [name, value] of Object.entries(error.headers)) c.header(name, value)
    return refuse(c, error.status, error.said.code, error.message, error.said.remedy)
  }
  if (error instanceof HTTPException) return refuse(c, error.status, 'bad_request', error.message)
  const isFault = error instanceof PresenceError
  if (isFault && error.code === 'busy')
    return unavailable(
      c,
      BUSY_AFTER_SECONDS,
      'Database busy',
      error.code,
      'the board has too many requests at once',
    )
  if (isFault && error.code === 'too_slow')
    return unavailable(
      c,
      BUSY_AFTER_SECONDS,
      'Database too slow',
      error.code,
      'the board took too long to answer',
    )
  if (isUnanswered(error))
    return unavailable(
      c,
      c.req.path.startsWith(`${COORD}/`) ? COORD_AFTER_SECONDS : RETRY_AFTER_SECONDS,
      'Database unavailable',
      error.code,
      'the board does not answer',
    )
  if (isFault && isServersOwn(error.code))
    return unavailable(
      c,
      c.req.path.startsWith(`${COORD}/`) ? COORD_AFTER_SECONDS : RETRY_AFTER_SECONDS,
      'Database unavailable',
      error.code,
      `the server can't use its board (${error.code})`,
      "tell the server's operator: its log has the reason",
    )
  if (isFault && error.code === 'rejected') return refuse(c, 422, error.code, error.message, error.remedy)
  if (isFault) return refuse(c, 500, error.code, error.message, AT_SERVER[error.code] ?? error.remedy)
  return refuse(c, 500, 'unexpected', 'the server failed', "look at the server's log")
}

function unavailable(
  c: Context,
  seconds: number,
  what: string,
  code: string,
  message: string,
  remedy = 'try again later',
) {
  c.header('Retry-After', `${seconds}`)
  return c.json(
    {
      detail: `${what}. Retry after ${seconds} second${seconds === 1 ? '' : 's'}.`,
      retry_after: seconds,
      error: { code, message, remedy },
    },
    503,
  )
}

/** Answers 422 `invalid_input` to input that its schema rejects. */
export const onInvalid: Hook<unknown, Env, string, unknown> = (result, c) => {
  if (result.success) return undefined
  if (result.target === 'json' && c.get('hasNoBody')) return refuseNoBody(c)
  const [issue] = result.error.issues
  const at = issue?.path.join('.') ?? ''
  return refuse(c, 422, 'invalid_input', at ? `${at}: ${issue?.message}` : (issue?.message ?? 'bad input'))
}

/** Answers 422 `invalid_input` to a call that needs a body and has none. */
export function refuseNoBody(c: Context) {
  return refuse(
    c,
    422,
    'invalid_input',
    'the request has no body',
    'send JSON, as /openapi.json describes it',
  )
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
