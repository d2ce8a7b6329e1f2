import type { AddRoutes } from '../app.ts'

/** The document of every route, made from the schemas that validate. */
export const addOpenApi: AddRoutes = (app, { version }) => {
  app.get('/openapi.json', c =>
    c.json(
      app.getOpenAPI31Document({
        openapi: '3.1.0',
        info: {
          title: 'presence',
          version,
          description: 'Who is changing what shared infrastructure right now',
        },
      }),
    ),
  )
}
