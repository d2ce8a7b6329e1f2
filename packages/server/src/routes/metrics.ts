import { createRoute, z } from '@hono/zod-openapi'
import type { AddRoutes } from '../route.ts'

const metricsRoute = createRoute({
  method: 'get',
  path: '/metrics',
  summary: "The server's metrics, in the text format of Prometheus",
  responses: {
    200: { description: 'The metrics', content: { 'text/plain': { schema: z.string() } } },
  },
})

export const addMetrics: AddRoutes = (app, { metrics, hub }) => {
  app.openapi(metricsRoute, async c => {
    metrics.listening(hub.count)
    c.header('Content-Type', metrics.contentType)
    return c.body(await metrics.text()) as never
  })
}
