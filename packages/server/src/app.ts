import { OpenAPIHono } from '@hono/zod-openapi'
import type { ServerContext } from './context.ts'
import { addCoord } from './coord/coord.ts'
import { onFault, onInvalid, onNotFound } from './faults.ts'
import { refuseOtherMethods } from './methods.ts'
import { addHealth } from './routes/health.ts'
import { addOpenApi } from './routes/openapi.ts'

export type App = OpenAPIHono

/** A group of routes: adds itself to the application. */
export type AddRoutes = (app: App, context: ServerContext) => void

/** The routes, in the order of the documents. */
const ROUTES: readonly AddRoutes[] = [addHealth, addCoord, addOpenApi]

/** The application, without a socket: `app.request(…)` answers. */
export function createApp(context: ServerContext): App {
  const app: App = new OpenAPIHono({ defaultHook: onInvalid })
  app.onError(onFault)
  app.notFound(onNotFound)
  for (const add of ROUTES) add(app, context)
  refuseOtherMethods(app)
  return app
}
