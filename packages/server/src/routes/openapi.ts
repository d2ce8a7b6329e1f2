import type { ServerContext } from '../context.ts'
import type { AddRoutes, App } from '../route.ts'

type ApiDocument = ReturnType<App['getOpenAPI31Document']>

/** The answers of the access checks: on every route, with tokens, and on routes that take a body. */
const ALWAYS = {
  400: 'The request is malformed',
  403: 'Wrong host or origin, or a session that the token does not allow',
  429: 'Too many requests; Retry-After says when to try again',
}
const WITH_TOKENS = { 401: 'The token is missing or unknown' }
const WITH_BODY = { 413: 'The body is too large', 415: 'The body is not JSON' }

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const

/** The document of each application, cached because its routes don't change. */
const made = new WeakMap<App, ApiDocument>()

/** The OpenAPI document of all routes, made from the same schemas that validate requests. */
export function documentOf(app: App, context: ServerContext): ApiDocument {
  const document = made.get(app) ?? newDocument(app, context)
  made.set(app, document)
  return document
}

function newDocument(app: App, { version, access }: ServerContext): ApiDocument {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'presence',
      version,
      description: 'Who is changing which shared infrastructure right now',
    },
    ...(access.tokens ? { security: [{ token: [] }] } : {}),
  })
  for (const [path, item] of Object.entries(document.paths ?? {}))
    for (const method of METHODS) {
      const operation = item[method]
      if (!operation) continue
      // Viewers list the operations by tag.
      operation.tags ??= [path.startsWith('/api/coord/') ? 'coord' : 'server']
      const answers = {
        ...ALWAYS,
        ...(access.tokens ? WITH_TOKENS : {}),
        ...(operation.requestBody ? WITH_BODY : {}),
      }
      const said = Object.entries(answers).map(([status, description]) => [status, problem(description)])
      operation.responses = { ...Object.fromEntries(said), ...operation.responses }
    }
  return document
}

function problem(description: string) {
  return {
    description,
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  }
}

export const addOpenApi: AddRoutes = (app, context) => {
  if (context.access.tokens)
    app.openAPIRegistry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' })
  app.get('/openapi.json', c => c.json(documentOf(app, context)))
}
