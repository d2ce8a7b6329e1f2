import type { MiddlewareHandler } from 'hono'
import { requestId } from 'hono/request-id'
import { matchedRoutes } from 'hono/route'
import type { ServerContext } from '../context.ts'
import { bodies } from './bodies.ts'
import { callers } from './caller.ts'
import { disconnected } from './disconnected.ts'
import { headers } from './headers.ts'
import { hosts } from './hosts.ts'

/** The middleware in front of every route, the outermost first. */
export function accessChecks(context: ServerContext): readonly MiddlewareHandler[] {
  return [requestId(), observe(context), headers, hosts(context), callers(context), bodies, disconnected]
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Counts and logs every answer, including refusals. */
function observe({ log, metrics, draining }: ServerContext): MiddlewareHandler {
  return async (c, next) => {
    const began = performance.now()
    await next()
    if (draining.aborted) c.res.headers.set('Connection', 'close')
    const method = METHODS.has(c.req.method) ? c.req.method : 'other'
    // Log the route's pattern, because the requested path could contain anything.
    // Skip `/*`, which these checks themselves match.
    const route = matchedRoutes(c).findLast(each => each.path !== '/*')?.path ?? 'none'
    const { status } = c.res
    const ms = performance.now() - began
    metrics.answered({ method, route, status: `${status}` }, ms / 1_000)
    log.access({ method, route, status, ms, token: c.get('caller')?.name, request: c.get('requestId') })
  }
}
