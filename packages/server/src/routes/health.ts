import { createRoute, z } from '@hono/zod-openapi'
import { PresenceError } from '@presence/core'
import type { AddRoutes } from '../app.ts'
import type { ServerContext } from '../context.ts'

/** What the database may take to answer a probe, in milliseconds. */
const PROBE_MS = 1_000

const Health = z
  .object({ status: z.enum(['ok', 'degraded']), database: z.enum(['connected', 'disconnected']) })
  .openapi('Health')
const Readiness = z
  .object({
    status: z.enum(['ready', 'not_ready']),
    database: z.enum(['connected', 'disconnected']),
    draining: z.boolean(),
  })
  .openapi('Readiness')

const json = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { 'application/json': { schema } },
})

const health = createRoute({
  method: 'get',
  path: '/health',
  summary: 'Is the server up, and does its database answer?',
  responses: { 200: json('The server is up', Health) },
})

const ready = createRoute({
  method: 'get',
  path: '/ready',
  summary: 'Can the server be sent requests?',
  responses: {
    200: json('It can', Readiness),
    503: json('Its database gives no answer, or it is about to end', Readiness),
  },
})

export const addHealth: AddRoutes = (app, context) => {
  const { draining } = context
  const isConnected = prober(context)
  app.openapi(health, async c => {
    const connected = await isConnected()
    const status = connected ? 'ok' : 'degraded'
    return c.json({ status, database: connected ? 'connected' : 'disconnected' } as const, 200)
  })
  app.openapi(ready, async c => {
    const connected = await isConnected()
    const database = connected ? 'connected' : 'disconnected'
    if (connected && !draining.aborted)
      return c.json({ status: 'ready', database, draining: false } as const, 200)
    return c.json({ status: 'not_ready', database, draining: draining.aborted } as const, 503)
  })
}

/** Asks the database once for all who ask at one time: anybody may. */
function prober({ boards }: ServerContext): () => Promise<boolean> {
  let asking: Promise<boolean> | undefined
  return () => {
    asking ??= boards
      .now(PROBE_MS)
      // Who has too much to do is there.
      .then(
        () => true,
        error => error instanceof PresenceError && ALIVE.has(error.code),
      )
      .finally(() => {
        asking = undefined
      })
    return asking
  }
}

const ALIVE: ReadonlySet<string> = new Set(['busy'])
