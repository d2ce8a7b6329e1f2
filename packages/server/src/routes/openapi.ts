import type { AddRoutes, App } from '../app.ts'
import type { ServerContext } from '../context.ts'

/** The document of every route, made from the schemas that validate. */
export function documentOf(app: App, { version, access }: ServerContext) {
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'presence',
      version,
      description: 'Who is changing what shared infrastructure right now',
    },
    ...(access.tokens ? { security: [{ token: [] }] } : {}),
  })
}

export const addOpenApi: AddRoutes = (app, context) => {
  if (context.access.tokens)
    app.openAPIRegistry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' })
  app.get('/openapi.json', c => c.json(documentOf(app, context)))
}
