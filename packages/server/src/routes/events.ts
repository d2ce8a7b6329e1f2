import type { HttpBindings } from '@hono/node-server'
import { createRoute, z } from '@hono/zod-openapi'
import { parseLabel } from '@presence/core'
import type { AddRoutes } from '../app.ts'
import { ID_LENGTH_MAX } from '../events/told.ts'
import { Denied, ErrorBody } from '../faults.ts'

const problem = (description: string) => ({
  description,
  content: { 'application/json': { schema: ErrorBody } },
})

/** One event of the stream. Its data is one line of JSON. */
const Event = z
  .object({
    id: z.string().optional(),
    event: z.string().optional(),
    data: z.string().optional(),
    retry: z.number().int().optional(),
  })
  .openapi('Event')

const events = createRoute({
  method: 'get',
  path: '/events',
  summary: "The board's changes as they happen, as server-sent events",
  description:
    'First what stands (known, lapsed, present), then each change (claimed, released, expired, stolen, resolved), with the data that presence watch --json prints. unknown says since when the board is unknown, known that it answers again. The id of an event is opaque and works on every server of the board, also after a restart: with it as Last-Event-ID a client that comes back gets each change that it missed, once. Order is promised for each label. An id that is malformed, of another board, or older than the history (30 days, or 5,000 changes) gets reset, then what stands. closing says that the server ends.',
  request: {
    query: z.object({
      label: z.string().optional().openapi({ description: 'Only this label', example: 'node:k8s-1' }),
    }),
    headers: z.object({
      'last-event-id': z
        .string()
        .max(ID_LENGTH_MAX)
        .optional()
        .openapi({ description: 'The id of the event that came last' }),
    }),
  },
  responses: {
    200: {
      description: 'The stream, until either side ends it',
      content: { 'text/event-stream': { schema: Event } },
    },
    422: problem('No label'),
    503: problem('As many listen as may, or the server ends'),
  },
})

const HEADERS = { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' }

export const addEvents: AddRoutes = (app, { boards, hub }) => {
  app.openapi(events, c => {
    const { label: text } = c.req.valid('query')
    const label = text === undefined ? undefined : parseLabel(text, boards.kinds)
    if (label && !label.ok) throw new Denied(422, label.refusal)
    if (c.req.raw.method === 'HEAD') return new Response(null, { headers: HEADERS }) as never
    const { outgoing } = (c.env ?? {}) as Partial<HttpBindings>
    const listener = hub.listen({
      of: c.get('caller')?.countedAs ?? '',
      label: label?.value.text,
      lastId: c.req.valid('header')['last-event-id'] || undefined,
      stillHolds: () => c.get('caller')?.stillHolds() ?? false,
      cut: () => outgoing?.destroy(),
    })
    if (!listener)
      throw new Denied(
        503,
        { code: 'too_many_listeners', message: 'no more can listen now', remedy: 'try again later' },
        { 'Retry-After': '30' },
      )
    return new Response(listener.body, { headers: HEADERS }) as never
  })
}
