import { join } from 'node:path'
import { createRoute, z } from '@hono/zod-openapi'
import { describe, expect, it } from 'vitest'
import { scratchFolder } from '../../../e2e/support/scratch.ts'
import { addToken } from '../src/access/token-file.ts'
import { speaksAs } from '../src/context.ts'
import type { AddRoutes } from '../src/route.ts'
import { type ApiDocument, impersonations, type Request } from './support/impostor.ts'
import { startServer, type TestServer } from './support/server.ts'
import { addBeat } from './support/session-route.ts'

const VICTIM = 'ana@laptop@1'

const NOW = new Date('2030-01-02T03:04:05Z')
/** The sessions that the token acts as: those that match, or its own. */
const KINDS = [
  ['with a pattern', ['mallory@*']],
  ['for its own sessions', undefined],
] as const

async function serverWithToken(routes: readonly AddRoutes[], as: readonly string[] | undefined) {
  const file = join(scratchFolder(), 'tokens')
  const token = addToken(file, 'mallory', as, NOW)
  const victims = addToken(file, 'ana', undefined, NOW)
  const server = await startServer({ tokenFile: file, routes })
  const document = (await (await server.get('/openapi.json')).json()) as ApiDocument
  const registered = await server.post(
    '/api/coord/sessions',
    { session_id: VICTIM },
    { Authorization: `Bearer ${victims}` },
  )
  expect(registered.status).toBe(201)
  return { server, token, document }
}

function ask(server: TestServer, token: string, { method, url, body }: Request): Promise<Response> {
  return fetch(server.url + url, {
    method,
    headers: {
      Authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

/** Routes that take a session in each possible way, and call `check` with it. */
function routesThat(check: typeof speaksAs): AddRoutes {
  const answers = { 200: { description: 'Done' } }
  const json = <Schema extends z.ZodType>(schema: Schema) => ({
    required: true,
    content: { 'application/json': { schema } },
  })
  return app => {
    const inBody = createRoute({
      method: 'post',
      path: '/test/body',
      request: {
        body: json(z.object({ from_session: z.string(), label: z.string().openapi({ example: 'node:a' }) })),
      },
      responses: answers,
    })
    const inObject = createRoute({
      method: 'post',
      path: '/test/object',
      request: {
        body: json(
          z.object({ session: z.object({ id: z.string(), user: z.string() }), ttl: z.number().int().min(1) }),
        ),
      },
      responses: answers,
    })
    const inQuery = createRoute({
      method: 'delete',
      path: '/test/query/{id}',
      request: {
        params: z.object({ id: z.string() }),
        query: z.object({ session_id: z.string().optional() }),
      },
      responses: answers,
    })
    const inbox = createRoute({
      method: 'get',
      path: '/test/messages',
      request: { query: z.object({ session_id: z.string() }) },
      responses: answers,
    })
    app.openapi(inBody, async c => {
      await check(c, c.req.valid('json').from_session)
      return c.body(null, 200)
    })
    app.openapi(inObject, async c => {
      await check(c, c.req.valid('json').session.id)
      return c.body(null, 200)
    })
    app.openapi(inQuery, async c => {
      await check(c, c.req.valid('query').session_id ?? '')
      return c.body(null, 200)
    })
    app.openapi(inbox, async c => {
      await check(c, c.req.valid('query').session_id)
      return c.body(null, 200)
    })
  }
}

describe.each(KINDS)('G9: a token %s can’t speak for a session that isn’t its own', (_, as) => {
  it('on any route of the document', async () => {
    const { server, token, document } = await serverWithToken([addBeat], as)
    const asked = impersonations(document, VICTIM)
    expect(asked.length).toBeGreaterThan(0)
    for (const request of asked) {
      const answer = await ask(server, token, request)
      // Only 403 is right. A 422 means that the schema needs an
      // example, so that this test can make a valid request.
      expect(
        answer.status,
        `${request.method} ${request.path} ${JSON.stringify(request.body)}: ${await answer.text()}`,
      ).toBe(403)
    }
  })

  it('and this test finds a route that does not check, however it takes the session', async () => {
    const forgetful = await serverWithToken([routesThat(async () => {})], as)
    const careful = await serverWithToken([routesThat(speaksAs)], as)
    const asked = impersonations(forgetful.document, VICTIM).filter(({ path }) => path.startsWith('/test/'))
    expect(asked.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual([
      'DELETE /test/query/{id}',
      'GET /test/messages',
      'POST /test/body',
      'POST /test/object',
    ])
    for (const request of asked) {
      expect((await ask(forgetful.server, forgetful.token, request)).status, request.path).toBe(200)
      expect((await ask(careful.server, careful.token, request)).status, request.path).toBe(403)
    }
  })
})
