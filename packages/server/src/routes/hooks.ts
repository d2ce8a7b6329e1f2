import { createRoute, z } from '@hono/zod-openapi'
import type { Session } from '@presence/core'
import {
  ADAPTERS,
  endsByMs,
  inWords,
  type Moment,
  type Payload,
  RESERVE_MS,
  reportOf,
  respond,
  unknownSince,
  validId,
} from '@presence/hooks'
import type { Context } from 'hono'
import type { AddRoutes } from '../app.ts'
import type { ServerContext } from '../context.ts'
import { ErrorBody, refuse } from '../faults.ts'
import { Memory } from '../hooks/memory.ts'
import { readPayload } from '../hooks/payload.ts'
import { type Sender, SenderHeaders, senderOf } from '../hooks/sender.ts'
import { ServerHost } from '../hooks/server-host.ts'

const AGENTS = [...ADAPTERS.keys()].join(', ')

const hook = createRoute({
  method: 'post',
  path: '/hooks/{agent}',
  summary: "An agent's hook: its own payload, and its own answer",
  description:
    'Answers as the command `presence hook` does, within 1.2 s (0.8 s at the end of a session), whatever the database does. Of a payload the first 64 KB are looked at. What is no payload of a known event is answered with an empty object, for agents show anything but a success as an error.',
  request: {
    params: z.object({
      agent: z.string().openapi({ description: `One of ${AGENTS}`, example: 'claude-code' }),
    }),
    query: z.object({
      event: z.string().optional().openapi({
        description: "The event in the agent's own words; else the payload's `hook_event_name`",
        example: 'UserPromptSubmit',
      }),
      deny_task_tools: z.string().optional().openapi({
        description: "`true`: the agent's own task lists are denied, for the project has a tracker",
      }),
    }),
    headers: SenderHeaders,
    body: {
      description: "What the agent's own documents say of the event",
      // Nothing is refused for its shape: no schema validates it.
      content: { 'application/json': { schema: {} } },
    },
  },
  responses: {
    200: {
      description: "The agent's own answer; an empty object where there is nothing to say",
      content: { 'application/json': { schema: z.record(z.string(), z.unknown()).openapi('HookAnswer') } },
    },
    404: {
      description: 'No agent of that name has hooks here',
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
    const payload = await readPayload(c.req.raw.body)
    const { event: given, deny_task_tools: deny } = c.req.valid('query')
    const name = given ?? nameIn(payload)
    const event = adapter.eventOf(name)
    if (!event) return c.json({}, 200)
    const moment = { adapter, event, name }
    return c.json(await answer(c, moment, payload, { context, memory, denyTaskTools: deny === 'true' }), 200)
  })
}

interface Means {
  readonly context: ServerContext
  readonly memory: Memory
  readonly denyTaskTools: boolean
}

/** The agent's answer; an empty one for a session that nobody can name. */
async function answer(
  c: Context,
  moment: Moment,
  payload: Payload,
  { context, memory, denyTaskTools }: Means,
): Promise<Record<string, unknown>> {
  const { adapter, event, name } = moment
  const sender = senderOf(header => c.req.header(header))
  const given = adapter.read(payload, event).sessionId
  const own = validId(given, adapter.name) ?? sender.session
  if (own === undefined) return {}
  const isProbe = c.req.header('x-presence-probe') !== undefined
  // A sample leaves nothing behind, here neither.
  const key = `${adapter.name} ${own}`
  const remembered = isProbe ? new Memory().of(key) : memory.of(key)
  const { introduction } = remembered
  const speaksAs = event === 'SessionStart' ? undefined : introduction?.speaksAs
  const session = sessionOf(speaksAs ?? sender.session ?? own, adapter.name, sender, introduction?.repo)
  const forget = () => memory.forget(key)
  const probe = isProbe
    ? (...said: Parameters<typeof reportOf>) =>
        c.header('x-presence-probe', ascii(JSON.stringify(reportOf(...said))))
    : undefined
  const endsBy = endsByMs(name) - RESERVE_MS
  const { boards } = context
  const host = new ServerHost({
    boards,
    session,
    remembered,
    forget,
    hasTracker: denyTaskTools,
    deadlineMs: endsBy,
    probe,
  })
  const output = await inTime(endsBy, unknownSince(event, new Date(), 'the server ran out of time'), () =>
    respond({ ...moment, payload, denyTaskTools, host }).catch(() =>
      unknownSince(event, new Date(), 'the server failed'),
    ),
  )
  return { ...inWords(moment, output) }
}

function nameIn(payload: Payload): string {
  const { hook_event_name: name } = payload
  return typeof name === 'string' ? name : ''
}

function sessionOf(id: string, agent: string, sender: Sender, knownRepo: string | undefined): Session {
  const repo = sender.repo ?? knownRepo
  const { user, host, branch } = sender
  const place = { ...(repo === undefined ? {} : { repo }), ...(branch === undefined ? {} : { branch }) }
  return { id, user, host, agent, place }
}

/** What comes in time, else what is said in its place; the work goes on to its own deadline. */
async function inTime<T>(ms: number, otherwise: T, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<T>(resolve => {
    timer = setTimeout(() => resolve(otherwise), ms)
  })
  try {
    return await Promise.race([work(), late])
  } finally {
    clearTimeout(timer)
  }
}

function ascii(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, sign => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
