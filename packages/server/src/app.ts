import { OpenAPIHono } from '@hono/zod-openapi'
import { API_VERSION } from '@presence/core/internal'
import { accessChecks } from './access/checks.ts'
import { type ContextOptions, contextOf } from './context.ts'
import { addCoord } from './coord/coord.ts'
import { onFault, onInvalid } from './faults.ts'
import { refuseOtherMethods } from './methods.ts'
import type { AddRoutes, App } from './route.ts'
import { addDocs } from './routes/docs.ts'
import { addEvents } from './routes/events.ts'
import { addHealth } from './routes/health.ts'
import { addHooks } from './routes/hooks.ts'
import { addMcp } from './routes/mcp.ts'
import { addMetrics } from './routes/metrics.ts'
import { addOpenApi } from './routes/openapi.ts'
import { onUnknownPath } from './v1/other-api.ts'
import { addV1 } from './v1/routes.ts'
import { addTokenRoute } from './v1/token.ts'

/** The routes, in the order in which the OpenAPI document lists them. */
const ROUTES: readonly AddRoutes[] = [
  addV1,
  addTokenRoute,
  addCoord,
  addHooks,
  addEvents,
  addHealth,
  addMcp,
  addMetrics,
  addOpenApi,
  addDocs,
]

/**
 * Creates the application without a socket: use `app.request(…)`, or serve it.
 *
 * @param more additional routes
 */
export function createApp(options: ContextOptions, more: readonly AddRoutes[] = []): App {
  const context = contextOf(options)
  const app: App = new OpenAPIHono({ defaultHook: onInvalid })
  app.onError((error, c) => {
    context.log.fault(error)
    return onFault(error, c)
  })
  app.notFound(onUnknownPath)
  // This header lets clients tell presence's answers from those of a proxy.
  // Its value reveals an older server.
  app.use(async (c, next) => {
    await next()
    c.res.headers.set('Presence-Version', context.version)
    c.res.headers.set('Presence-Api', String(API_VERSION))
  })
  app.use(...accessChecks(context))
  for (const add of [...ROUTES, ...more]) add(app, context)
  refuseOtherMethods(app)
  return app
}
