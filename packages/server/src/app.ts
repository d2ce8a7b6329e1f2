import { OpenAPIHono } from '@hono/zod-openapi'
import { type ContextOptions, contextOf, type ServerContext } from './context.ts'
import { addCoord } from './coord/coord.ts'
import { onFault, onInvalid, onNotFound } from './faults.ts'
import { guards } from './guard/guard.ts'
import { refuseOtherMethods } from './methods.ts'
import { addDocs } from './routes/docs.ts'
import { addEvents } from './routes/events.ts'
import { addHealth } from './routes/health.ts'
import { addMetrics } from './routes/metrics.ts'
import { addOpenApi } from './routes/openapi.ts'

export type App = OpenAPIHono

/** A group of routes: adds itself to the application. */
export type AddRoutes = (app: App, context: ServerContext) => void

/** The routes, in the order of the documents. */
const ROUTES: readonly AddRoutes[] = [addCoord, addEvents, addHealth, addMetrics, addOpenApi, addDocs]

/**
 * The application, without a socket: `app.request(…)` answers.
 *
 * @param more routes beside the server's own
 */
export function createApp(options: ContextOptions, more: readonly AddRoutes[] = []): App {
  const context = contextOf(options)
  const app: App = new OpenAPIHono({ defaultHook: onInvalid })
  app.onError((error, c) => {
    context.log.fault(error)
    return onFault(error, c)
  })
  app.notFound(onNotFound)
  app.use(...guards(context))
  for (const add of [...ROUTES, ...more]) add(app, context)
  refuseOtherMethods(app)
  return app
}
