import type { Hook } from '@hono/zod-openapi'
import { z } from '@hono/zod-openapi'
import { PresenceError } from '@presence/core'
import type { Context, Env } from 'hono'
import { HTTPException } from 'hono/http-exception'

/** How long whoever met a database that is away is asked to stay away, in seconds (seed 003). */
export const RETRY_AFTER_SECONDS = 30

/** What every answer that is no success holds. `detail` is for people, `error` for programs. */
export const ErrorBody = z
  .object({
    detail: z.string(),
    error: z.object({ code: z.string(), message: z.string(), remedy: z.string() }),
    retry_after: z.number().int().optional(),
  })
  .openapi('Error')

/** Faults of where the board is kept, which pass: the database is away, or has too much to do. */
const AWAY: ReadonlySet<string> = new Set(['unreachable', 'too_many_connections', 'busy', 'tls_failed'])

/** A database that is away is 503 with a time to come back at; what else goes wrong is 500, without its inner workings. */
export function onFault(error: Error, c: Context) {
  if (error instanceof HTTPException) return refuse(c, error.status, 'bad_request', error.message)
  const isFault = error instanceof PresenceError
  if (isFault && AWAY.has(error.code)) {
    c.header('Retry-After', `${RETRY_AFTER_SECONDS}`)
    return c.json(
      {
        detail: `Database unavailable. Retry after ${RETRY_AFTER_SECONDS} seconds.`,
        retry_after: RETRY_AFTER_SECONDS,
        error: { code: error.code, message: 'the board gives no answer', remedy: 'try again later' },
      },
      503,
    )
  }
  if (isFault) return refuse(c, 500, error.code, error.message, error.remedy)
  return refuse(c, 500, 'unexpected', 'the server failed', "look at the server's log")
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
