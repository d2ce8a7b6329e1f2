import type { HttpBindings } from '@hono/node-server'
import { createRoute, z } from '@hono/zod-openapi'
import { parseLabel } from '@presence/core'
import { ID_LENGTH_MAX } from '../events/told.ts'
import { Denied, ErrorBody } from '../faults.ts'
import type { AddRoutes } from '../route.ts'

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
    'First the current state is sent (`known`, `lapsed`, `present`), then each change (`claimed`, `released`, `expired`, `stolen`, `resolved`), with the data that `presence watch --json` prints. The order of events is guaranteed for each label. If the board stops answering, `unknown` is sent with the time at which that began, and `known` when it answers again. `closing` is sent when the server stops. To resume, send the id of the last event as Last-Event-ID: each missed change is sent once. An id is opaque and works on every server of the board, also after a restart. If it is malformed, of another board, or older than the history (30 days, or 5,000 changes), `reset` is sent and then the current state.',
  request: {
    query: z.strictObject({
      label: z.string().optional().openapi({ description: 'Only this label', example: 'node:k8s-1' }),
    }),
    headers: z.object({
      'last-event-id': z
        .string()
        .max(ID_LENGTH_MAX)
        .optional()
        .openapi({ description: 'The id of the last event that you got' }),
    }),
  },
  responses: {
    200: {
      description: 'The stream, until either side ends it',
      content: { 'text/event-stream': { schema: Event } },
    },
    422: problem('Not a valid label, or an unknown parameter'),
    503: problem('Too many streams are open, or the server is stopping'),
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
        { code: 'too_many_listeners', message: 'too many streams are open', remedy: 'try again later' },
        { 'Retry-After': '30' },
      )
    return new Response(listener.body, { headers: HEADERS }) as never
  })
}
