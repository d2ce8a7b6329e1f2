import { createRoute, z } from '@hono/zod-openapi'
import { ADAPTERS, type Payload } from '@presence/hooks'
import { SAMPLE } from '../access/sample.ts'
import { speaksAs } from '../context.ts'
import { ErrorBody, refuse } from '../faults.ts'
import { answer } from '../hooks/answer.ts'
import { Memory } from '../hooks/memory.ts'
import { readPayload } from '../hooks/payload.ts'
import { SenderHeaders, senderOf } from '../hooks/sender.ts'
import { speakerOf } from '../hooks/speaker.ts'
import type { AddRoutes } from '../route.ts'

const AGENTS = [...ADAPTERS.keys()].join(', ')

const hook = createRoute({
  method: 'post',
  path: '/hooks/{agent}',
  summary: "Answer an agent's hook, from its own payload and in its own format",
  description:
    'Answers like the command `presence hook`, within 1.2 s (0.8 s at the end of a session), whatever the database does. Only the first 64 KB of a payload are read. A body that is not the payload of a known event is answered with an empty object, because agents show anything but a success as an error.',
  request: {
    params: z.object({
      agent: z.string().openapi({ description: `One of ${AGENTS}`, example: 'claude-code' }),
    }),
    query: z.object({
      event: z.string().optional().openapi({
        description: "The agent's own name of the event; by default the payload's `hook_event_name`",
        example: 'UserPromptSubmit',
      }),
      deny_task_tools: z.string().optional().openapi({
        description: "`true`: the agent's own task lists are denied, because the project has a tracker",
      }),
    }),
    headers: SenderHeaders,
    body: {
      description: "The payload, as the agent's documentation describes it for the event",
      // No payload is refused for its shape, so there is no schema.
      content: { 'application/json': { schema: {} } },
    },
  },
  responses: {
    200: {
      description: "The answer in the agent's own format; an empty object if there is nothing to tell",
      content: { 'application/json': { schema: z.record(z.string(), z.unknown()).openapi('HookAnswer') } },
    },
    401: {
      description: 'The token is missing or unknown',
      content: { 'application/json': { schema: ErrorBody } },
    },
    403: {
      description: "The session isn't the token's, or the host or origin is wrong",
      content: { 'application/json': { schema: ErrorBody } },
    },
    404: {
      description: 'The server has no hooks for an agent of that name',
      content: { 'application/json': { schema: ErrorBody } },
    },
    429: {
      description: 'Too many requests',
      content: { 'application/json': { schema: ErrorBody } },
    },
  },
})

export const addHooks: AddRoutes = (app, context) => {
  const memory = new Memory()
  app.openapi(hook, async c => {
    const { agent } = c.req.valid('param')
    const adapter = ADAPTERS.get(agent)
    if (!adapter) return refuse(c, 404, 'not_found', 'no such agent', `the agents are ${AGENTS}`) as never
    const payload = await readPayload(c.get('hasNoBody') ? null : c.req.raw.body)
    const { event: given, deny_task_tools: deny } = c.req.valid('query')
    const name = given ?? nameIn(payload)
    const event = adapter.eventOf(name)
    if (!event) return c.json({}, 200)
    const moment = { adapter, event, name }
    const sender = senderOf(header => c.req.header(header))
    const speaker = speakerOf(moment, payload, { sender, memory, caller: c.get('caller')?.name ?? '' })
    if (!speaker) return c.json({}, 200)
    const call = { ...moment, payload, denyTaskTools: deny === 'true' }
    const { said, report } = await answer(call, speaker, context.boards, {
      signal: c.req.raw.signal,
      authorize: deadlineMs => speaksAs(c, speaker.session.id, { keeps: !speaker.isSample, deadlineMs }),
    })
    if (report !== undefined) c.header('x-presence-probe', report)
    // A sample makes the session nobody's, so it must not show messages that wait for one.
    const isShown = !speaker.isSample || speaker.session.id.includes(SAMPLE)
    return c.json(isShown ? { ...said } : {}, 200)
  })
}

function nameIn(payload: Payload): string {
  const { hook_event_name: name } = payload
  return typeof name === 'string' ? name : ''
}
