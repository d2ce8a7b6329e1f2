import { createRoute, z } from '@hono/zod-openapi'
import { PresenceError } from '@presence/core'
import type { ServerContext } from '../context.ts'
import type { AddRoutes } from '../route.ts'

/** The time limit for the database to answer a probe, in milliseconds. */
const PROBE_MS = 1_000

/**
 * Why the server can't use a board although its database
 * answers: the schema is for another version of presence.
 */
const UNUSABLE = ['schema_missing', 'schema_older', 'schema_newer'] as const
const Database = z.enum(['connected', 'disconnected'])
const Unusable = z.enum(UNUSABLE).optional()

const Health = z
  .object({ status: z.enum(['ok', 'degraded']), database: Database, unusable: Unusable })
  .openapi('Health')
const Readiness = z
  .object({
    status: z.enum(['ready', 'not_ready']),
    database: Database,
    draining: z.boolean(),
    unusable: Unusable,
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
  summary: 'Is the server ready for requests?',
  responses: {
    200: json('The server is ready', Readiness),
    503: json('The database does not answer, or the server is stopping', Readiness),
  },
})

export const addHealth: AddRoutes = (app, context) => {
  const { draining } = context
  const probe = prober(context)
  app.openapi(health, async c => {
    const { usable, ...seen } = await probe()
    return c.json({ status: usable ? 'ok' : 'degraded', ...seen } as const, 200)
  })
  app.openapi(ready, async c => {
    const { usable, database, ...why } = await probe()
    if (usable && !draining.aborted)
      return c.json({ status: 'ready', database, draining: false, ...why } as const, 200)
    return c.json({ status: 'not_ready', database, draining: draining.aborted, ...why } as const, 503)
  })
}

interface Seen {
  readonly usable: boolean
  readonly database: z.infer<typeof Database>
  readonly unusable?: (typeof UNUSABLE)[number]
}

/** Sends one query for all probes that arrive at the same time, because probes need no token. */
function prober({ boards }: ServerContext): () => Promise<Seen> {
  let asking: Promise<Seen> | undefined
  return () => {
    asking ??= boards
      .now(PROBE_MS)
      .then((): Seen => ({ usable: true, database: 'connected' }), seenBy)
      .finally(() => {
        asking = undefined
      })
    return asking
  }
}

function seenBy(error: unknown): Seen {
  const code = error instanceof PresenceError ? error.code : undefined
  // An overloaded database is still connected.
  if (code !== undefined && ALIVE.has(code)) return { usable: true, database: 'connected' }
  const unusable = UNUSABLE.find(each => each === code)
  if (unusable) return { usable: false, database: 'connected', unusable }
  return { usable: false, database: 'disconnected' }
}

const ALIVE: ReadonlySet<string> = new Set(['busy'])
