import { createRoute, z } from '@hono/zod-openapi'
import type { AddRoutes } from '../app.ts'

/** What the database may take to answer a probe, in milliseconds. */
const PROBE_MS = 1_000

const Health = z
  .object({ status: z.enum(['ok', 'degraded']), database: z.enum(['connected', 'disconnected']) })
  .openapi('Health')

const health = createRoute({
  method: 'get',
  path: '/health',
  summary: 'Is the server up, and does its database answer?',
  responses: {
    200: { description: 'The server is up', content: { 'application/json': { schema: Health } } },
  },
})

export const addHealth: AddRoutes = (app, { boards }) => {
  app.openapi(health, async c => {
    try {
      await boards.now(PROBE_MS)
      return c.json({ status: 'ok', database: 'connected' } as const, 200)
    } catch {
      return c.json({ status: 'degraded', database: 'disconnected' } as const, 200)
    }
  })
}
