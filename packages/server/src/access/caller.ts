import type { HttpBindings } from '@hono/node-server'
import { quoted } from '@presence/core/internal'
import type { Context, MiddlewareHandler } from 'hono'
import type { Caller, ServerContext } from '../context.ts'
import { DOCS, SHOWN, VIEWER } from '../docs/page.ts'
import { Denied } from '../faults.ts'
import { perMinuteOf } from './access.ts'
import { PROBES } from './hosts.ts'
import { OwnSessions, refused } from './own-sessions.ts'
import { Buckets } from './rate.ts'
import { Refused } from './refused.ts'
import { maySpeakAs, type Token } from './tokens.ts'

/** Paths that need no token. None of them shows anything of the board. */
const OPEN: ReadonlySet<string> = new Set([...PROBES, '/', DOCS, SHOWN, VIEWER, '/openapi.json'])
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i
/** How many of a token's patterns a refusal shows. */
const PATTERNS_SHOWN = 5

/**
 * Identifies the caller by its token or address, and applies the rate limit.
 *
 * @throws Denied 401 `unauthorized` or 429 `rate_limited`
 */
export function callers(context: ServerContext): MiddlewareHandler {
  const { access, boards, metrics } = context
  const buckets = new Buckets(perMinuteOf(access))
  const told = new Refused()
  const own = access.tokens && new OwnSessions(boards, access.tokens)
  return async (c, next) => {
    const header = c.req.header('authorization')
    const presented = BEARER.exec(header ?? '')?.[1]
    const token = presented === undefined ? undefined : access.tokens?.find(presented)
    const countedAs = token ? `token ${token.name}` : `address ${addressOf(c)}`
    const waitMs = PROBES.has(c.req.path) ? 0 : buckets.take(countedAs, performance.now())
    c.set('caller', callerOf(token, countedAs, context, { told, own }))
    if (waitMs > 0) {
      metrics.rateLimited()
      throw tooMany(waitMs)
    }
    if (access.tokens && !token && !OPEN.has(c.req.path)) {
      metrics.refused('token')
      throw unauthorized(header, presented && access.tokens.removed(presented))
    }
    await next()
  }
}

function callerOf(
  token: Token | undefined,
  countedAs: string,
  { access: { tokens }, boards, log, metrics }: ServerContext,
  { told, own }: { readonly told: Refused; readonly own: OwnSessions | undefined },
): Caller {
  return {
    name: token?.name,
    countedAs,
    actsAs: token ? (token.as ?? 'own') : 'any',
    refusal: async (sessionId, acting) => {
      if (!token) return tokens && unauthorized(undefined, undefined)
      return token.as === undefined
        ? own?.refusal(token, sessionId, acting)
        : refusalByPattern(token, token.as, sessionId)
    },
    stillHolds: () => (token ? (tokens?.holds(token) ?? false) : tokens === undefined),
    refused: (sessionId, what) => {
      metrics.refused('session')
      log.notice('forbidden', { token: token?.name, session_id: sessionId })
      if (token && told.isNews(token.name, sessionId, performance.now()))
        boards.tellRefused({ token: token.name, sessionId, what })
    },
  }
}

function refusalByPattern(token: Token, as: readonly string[], sessionId: string): Denied | undefined {
  if (maySpeakAs(token, sessionId)) return undefined
  const shown = as.slice(0, PATTERNS_SHOWN).map(each => quoted(each))
  return refused(
    token,
    sessionId,
    `it may only act as ${[...shown, ...(as.length > PATTERNS_SHOWN ? ['…'] : [])].join(', ')}`,
    "use a session id that matches (PRESENCE_SESSION_ID); an agent can't choose the id of its hooks: tell its user to get a token that acts for their own sessions, which presence token add makes without patterns",
  )
}

function addressOf(c: Context): string {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>
  return incoming?.socket?.remoteAddress ?? 'unknown'
}

/** @param removed the name of the presented token, if it was removed */
function unauthorized(header: string | undefined, removed: string | undefined): Denied {
  const isMissing = !header
  const isMalformed = !isMissing && !BEARER.test(header)
  const message = removed
    ? `token "${removed}" was removed from the server's token file, or replaced there`
    : isMissing
      ? 'the server requires a token'
      : isMalformed
        ? 'the Authorization header is not: Bearer <token>'
        : 'the server does not know this token'
  const error = isMissing || isMalformed ? '' : ', error="invalid_token"'
  return new Denied(
    401,
    {
      code: 'unauthorized',
      message,
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
