import { createRoute, z } from '@hono/zod-openapi'
import { speaksAs } from '../../src/context.ts'
import type { AddRoutes } from '../../src/route.ts'

const Body = z.object({ session_id: z.string(), note: z.string().max(100).optional() })

const beat = createRoute({
  method: 'post',
  path: '/test/beat',
  request: { body: { required: true, content: { 'application/json': { schema: Body } } } },
  responses: {
    200: {
      description: 'Done',
      content: { 'application/json': { schema: Body } },
    },
  },
})

/**
 * Adds a route that takes a session and calls the database like the server's own routes. It echoes its input.
 */
export const addBeat: AddRoutes = (app, { boards }) => {
  app.openapi(beat, async c => {
    const body = c.req.valid('json')
    await speaksAs(c, body.session_id)
    await boards.as({ id: body.session_id, user: 'u', host: 'h', agent: 'cli' }).heartbeat()
    return c.json(body, 200)
  })
}
