import { z } from '@hono/zod-openapi'
import { PresenceError, type Refusal } from '@presence/core'
import {
  CALLS,
  type Caller,
  type CallName,
  type InputOf,
  inputFromWire,
  isObject,
  KEY_HEADER,
  type SpeakOptions,
  storesAnswer,
  toWire,
} from '@presence/core/internal'
import type { Context } from 'hono'
import { SAMPLE } from '../access/sample.ts'
import { type ServerContext, speaksAs } from '../context.ts'
import { ErrorBody, refuse, refuseNoBody } from '../faults.ts'
import type { AddRoutes, App } from '../route.ts'
import { bodySchema, refuseBody } from './body.ts'
import { maybe } from './inputs.ts'
import { refuseOtherApi } from './other-api.ts'
import { speakerOf } from './session.ts'
import { InputRefusalShape, NotFoundShape, StateRefusalShape } from './shapes.ts'
import type { Served } from './table.ts'
import { verbsOf } from './verbs.ts'

const PATH = '/api/v1'

/** The form of an idempotency key. */
const KEY = /^[A-Za-z0-9._:-]{8,64}$/
const BAD_KEY = [
  'the idempotency key is not 8 to 64 letters, digits or . : _ -',
  'send a UUID, for example',
] as const

/** An error response in JSON. */
const failing = (description: string, schema: z.ZodType = ErrorBody) => ({
  description,
  content: { 'application/json': { schema } },
})

const REFUSED = ErrorBody.extend({ refusal: maybe(StateRefusalShape) }).openapi('RefusedByState')
const NOT_FOUND = ErrorBody.extend({ refusal: maybe(NotFoundShape) }).openapi('RefusedAsNotFound')
const INVALID = ErrorBody.extend({
  refusal: maybe(InputRefusalShape),
}).openapi('InvalidInput')

const ONCE = z.object({
  [KEY_HEADER]: maybe(
    z.string().openapi({
      pattern: KEY.source,
      description:
        'send the same key with every attempt of one call, and the call is done once; keys are kept for an hour',
    }),
  ),
})

const FAILURES = {
  400: failing('The body is not JSON'),
  401: failing('The token is missing or unknown'),
  403: failing('The token may not be used for this session'),
  404: failing('The board has nothing with this id', NOT_FOUND),
  409: failing(
    "The board's state does not allow it, or too many calls compete for the same label at once",
    REFUSED,
  ),
  413: failing('The body is too large'),
  415: failing('The body is not application/json'),
  422: failing('The input is not valid for the verb', INVALID),
  426: failing('A presence client of another version: it or the server must be updated'),
  429: failing('Too many requests'),
  499: failing('The client has disconnected, so the call was not made'),
  500: failing('The board or the server failed'),
  503: failing('The database is unreachable or overloaded: Retry-After says when to try again'),
}

/** Serves every call of the library as `POST /api/v1/<name>`. */
export const addV1: AddRoutes = (app, context) => {
  const verbs = verbsOf(context.boards.kinds)
  const add = <Name extends CallName>(name: Name) => addCall(app, context, name, verbs[name])
  for (const name of Object.keys(verbs)) add(name as CallName)
}

function addCall<Name extends CallName>(
  app: App,
  { boards }: ServerContext,
  name: Name,
  { summary, input, rules, answer }: Served<Name>,
): void {
  const path = `${PATH}/${name}`
  // A write that has started is always completed, even if the client disconnects.
  const reads = 'reads' in CALLS[name]
  const once = storesAnswer(name)
  const body = bodySchema(input)
  app.openAPIRegistry.registerPath({
    method: 'post',
    path,
    operationId: name,
    tags: ['v1'],
    summary,
    request: {
      ...(once ? { headers: ONCE } : {}),
      body: {
        required: true,
        content: { 'application/json': { schema: rules ? body.openapi(rules) : body } },
      },
    },
    responses: {
      200: { description: 'Done', content: { 'application/json': { schema: answer } } },
      ...FAILURES,
    },
  })
  app.post(path, async c => {
    const began = performance.now()
    const given = await readBody(c)
    if (given instanceof Response) return given
    const ofOtherApi = refuseOtherApi(c, given)
    if (ofOtherApi) return ofOtherApi
    // Authorize before validating: a caller without the right
    // to speak as the session learns nothing from validation.
    const speaker = speakerOf(given)
    if (speaker !== undefined) await speaksAs(c, speaker, { keeps: leavesSomething(name, given, speaker) })
    const parsed = body.safeParse(given)
    if (!parsed.success) return refuseBody(c, parsed.error, body)
    const key = c.req.header(KEY_HEADER)
    if (key !== undefined && !KEY.test(key)) return refuse(c, 422, 'invalid_key', ...BAD_KEY)
    const { session, labelKinds, deadlineMs, ...said } = inputFromWire<Caller & InputOf<Name>>(parsed.data)
    // The client's time began with its request: asking whose session it is took some of it.
    const left = deadlineMs && Math.max(deadlineMs - (performance.now() - began), 1)
    const options: SpeakOptions = {
      ...(labelKinds ? { kinds: labelKinds } : {}),
      ...(left ? { deadlineMs: left } : {}),
      ...(reads ? { signal: c.req.raw.signal } : {}),
    }
    const ask = boards.askAs(session, options)
    const keyed = key === undefined ? {} : { key }
    const asked: Promise<object> = ask(name, said as unknown as InputOf<Name>, keyed) as Promise<never>
    const told = await asked.catch(busyOrThrow)
    if (told instanceof PresenceError) return refuse(c, 409, told.code, told.message, told.remedy)
    if ('refusal' in told) return refused(c, told.refusal as Refusal, session.id)
    return c.json(toWire(told, session.id) as object, 200)
  })
}

/** These calls extend or end what their session has: for a session that has nothing they leave nothing. */
const ON_ITS_OWN: ReadonlySet<CallName> = new Set([
  'heartbeat',
  'settle',
  'mark-wrong',
  'renew',
  'release',
  'release-all',
  'deregister',
])

/**
 * Whether the call can leave something on the board in the name of a session that has nothing there. Reading an inbox
 * counts, too: a message may wait for a session that isn't on the board yet, and is for nobody else. No message
 * waits for a sample of the doctor, which must leave nothing behind.
 */
function leavesSomething(name: CallName, given: unknown, sessionId: string): boolean {
  const call = CALLS[name]
  if (name === 'messages/inbox') return !sessionId.includes(SAMPLE)
  if ('reads' in call || 'takesBack' in call || ON_ITS_OWN.has(name)) return false
  return name !== 'heartbeat-and-list' || (isObject(given) && given['register'] === true)
}

/** The parsed body, or the error response if it can't be read. */
async function readBody(c: Context): Promise<unknown> {
  if (c.get('hasNoBody')) return refuseNoBody(c)
  const type = c.req.header('content-type') ?? ''
  if (!/^application\/json\s*(;|$)/i.test(type))
    return refuse(c, 415, 'unsupported_type', 'the body must be application/json')
  try {
    return await c.req.json()
  } catch {
    return refuse(c, 400, 'bad_request', 'the body is not JSON')
  }
}

/**
 * Returns `busy` errors about one label, for a 409: too many sessions want it at once, and a retry may
 * succeed. If the whole board is overloaded, the error says when to retry, and is thrown for a 503.
 */
function busyOrThrow(error: unknown): PresenceError {
  if (error instanceof PresenceError && error.code === 'busy' && !error.retryAt) return error
  throw error
}

/** Answers with the error body and the whole refusal, which the client library returns to its caller. */
function refused(c: Context, refusal: Refusal, me: string) {
  const { code, message, remedy } = refusal
  const error = { code, message, remedy }
  return c.json({ detail: message, error, refusal: toWire(refusal, me) }, statusOf(refusal))
}

function statusOf(refusal: Refusal): 404 | 409 | 422 {
  if (refusal.code === 'not_found') return 404
  return 'holders' in refusal || 'id' in refusal ? 409 : 422
}
