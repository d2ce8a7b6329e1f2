import type { HttpBindings } from '@hono/node-server'
import type { Context, MiddlewareHandler } from 'hono'
import type { Caller, ServerContext } from '../context.ts'
import { Denied } from '../faults.ts'
import { perMinuteOf } from './access.ts'
import { PROBES } from './hosts.ts'
import { Buckets } from './rate.ts'
import { Refused } from './refused.ts'
import { maySpeakAs, type Token } from './tokens.ts'

/** Paths that need no token. None of them shows anything of the board. */
const OPEN: ReadonlySet<string> = new Set([...PROBES, '/', '/docs', '/openapi.json'])
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i

/**
 * Identifies the caller by its token or address, and applies the rate limit.
 *
 * @throws Denied 401 `unauthorized` or 429 `rate_limited`
 */
export function callers(context: ServerContext): MiddlewareHandler {
  const { access, metrics } = context
  const buckets = new Buckets(perMinuteOf(access))
  const refused = new Refused()
  return async (c, next) => {
    const presented = BEARER.exec(c.req.header('authorization') ?? '')?.[1]
    const token = presented === undefined ? undefined : access.tokens?.find(presented)
    const countedAs = token ? `token ${token.name}` : `address ${addressOf(c)}`
    const waitMs = PROBES.has(c.req.path) ? 0 : buckets.take(countedAs, performance.now())
    c.set('caller', callerOf(token, countedAs, context, refused))
    if (waitMs > 0) {
      metrics.rateLimited()
      throw tooMany(waitMs)
    }
    if (access.tokens && !token && !OPEN.has(c.req.path)) {
      metrics.refused('token')
      throw unknownToken(presented !== undefined)
    }
    await next()
  }
}

function callerOf(
  token: Token | undefined,
  countedAs: string,
  { access: { tokens }, boards, log, metrics }: ServerContext,
  refused: Refused,
): Caller {
  return {
    name: token?.name,
    countedAs,
    ownId: token?.as.length === 1 && !token.as[0]?.includes('*') ? token.as[0] : undefined,
    maySpeakAs: sessionId => (token ? maySpeakAs(token, sessionId) : tokens === undefined),
    stillHolds: () => (token ? (tokens?.holds(token) ?? false) : tokens === undefined),
    refused: (sessionId, what) => {
      metrics.refused('session')
      log.notice('forbidden', { token: token?.name, session_id: sessionId })
      if (token && refused.isNews(token.name, sessionId, performance.now()))
        boards.tellRefused({ token: token.name, sessionId, what })
    },
  }
}

function addressOf(c: Context): string {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>
  return incoming?.socket?.remoteAddress ?? 'unknown'
}

function unknownToken(presented: boolean): Denied {
  const error = presented ? ', error="invalid_token"' : ''
  return new Denied(
    401,
    {
      code: 'unauthorized',
      message: presented ? 'the server does not know this token' : 'the server requires a token',
      remedy: "send Authorization: Bearer <token>; the server's operator makes one with: presence token add",
    },
    { 'WWW-Authenticate': `Bearer realm="presence"${error}` },
  )
}

function tooMany(waitMs: number): Denied {
  const seconds = Math.ceil(waitMs / 1_000)
  return new Denied(
    429,
    {
      code: 'rate_limited',
      message: 'too many requests with this token, or from this address without a token',
      remedy: `try again in ${seconds} s`,
    },
    { 'Retry-After': `${seconds}` },
  )
}
