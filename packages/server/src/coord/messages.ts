import { createRoute, z } from '@hono/zod-openapi'
import { MESSAGE_KINDS, messageJson } from '@presence/core'
import { refuse } from '../faults.ts'
import type { AddRoutes } from '../route.ts'
import { callerOf, isRefused, NOBODY, reading } from './caller.ts'
import { given } from './given.ts'
import { PAGE, pageEnd, pageOf, position } from './page.ts'
import { NotMoved, refused } from './refusals.ts'
import { AGE, KEY } from './said.ts'
import {
  body,
  ERRORS,
  Flag,
  Id,
  json,
  Moment,
  NOT_FOUND,
  optionalBody,
  ProjectKey,
  prose,
  SessionId,
} from './schemas.ts'

const Kind = z.enum(MESSAGE_KINDS)

const SENT = {
  id: z.string(),
  from_session: z.string(),
  to_session: z.string().nullable().openapi({ description: 'null: to all, or to all of the project' }),
  project_key: z.string().nullable(),
  kind: Kind,
  subject: z.string(),
  body: z.string(),
  sent_at: Moment,
}
const Sent = z.object(SENT).openapi('CoordMessage')
const InInbox = z
  .object({ ...SENT, read_at: Moment.nullable(), unread: z.boolean() })
  .openapi('CoordReceivedMessage')

const New = z
  .strictObject({
    from_session: SessionId,
    to_session: SessionId.nullish().openapi({ description: 'If left out: to all, or to all of the project' }),
    project_key: ProjectKey.nullish(),
    kind: Kind.default('MESSAGE'),
    subject: prose(255),
    body: prose(8_000),
  })
  .openapi('CoordNewMessage')

const send = createRoute({
  method: 'post',
  path: '/api/coord/messages',
  summary: 'Send a message to a session, to all of a project, or to all',
  request: { headers: z.object(KEY), query: z.strictObject(AGE), body: body(New) },
  responses: {
    201: json('The message is sent', Sent),
    409: json('The id is already in use', NotMoved),
    ...ERRORS,
  },
})

const list = createRoute({
  method: 'get',
  path: '/api/coord/messages',
  summary: 'List the messages that a session can read; without `to_session`, those to a project or to all',
  description: 'Marks nothing as read.',
  request: {
    query: z.strictObject({
      to_session: SessionId.optional(),
      unread_only: Flag.optional(),
      project_key: ProjectKey.optional(),
      kind: Kind.optional(),
      ...PAGE,
      after: position(/^\d{1,14}~[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
    }),
  },
  responses: {
    200: json('The messages, latest first', pageOf('CoordMessages', { messages: z.array(InInbox) })),
    ...ERRORS,
  },
})

const Reader = z.strictObject({ session_id: SessionId.optional() })
const read = createRoute({
  method: 'put',
  path: '/api/coord/messages/{id}/read',
  summary: 'Mark a message as read',
  description:
    'The reader is `session_id`, in the query or in the body; by default the session that the message is addressed to. A message to more than one session is marked as read for each session separately.',
  request: {
    params: z.object({ id: Id }),
    query: Reader,
    body: optionalBody(Reader.nullable().openapi('CoordReader')),
  },
  responses: {
    200: json(
      'The message is marked as read',
      z.object({ id: z.string(), session_id: z.string() }).openapi('CoordReading'),
    ),
    409: json('The message is to more than one session, and the request names no reader', NotMoved),
    ...NOT_FOUND,
    ...ERRORS,
  },
})

export const addMessages: AddRoutes = (app, { boards }) => {
  app.openapi(send, async c => {
    const said = c.req.valid('json')
    const session = await callerOf(c, said.from_session)
    const { 'idempotency-key': id = crypto.randomUUID() } = c.req.valid('header')
    const { said_ms_ago: ago } = c.req.valid('query')
    const message = {
      id,
      kind: said.kind,
      subject: said.subject,
      body: said.body,
      ...given({ to: said.to_session, project: said.project_key }),
    }
    const late =
      ago === undefined ? undefined : await boards.replayAfter({ verb: 'message', ...message, session }, ago)
    if (late?.ok === false) return refused(c, late.refusal)
    // Sending again with the same id stores the message once.
    const sent = await boards.as(session).messages.send(message)
    if (!sent.ok) return refused(c, sent.refusal)
    const { read_at, unread, ...sentJson } = messageJson(sent.message)
    return c.json(sentJson, 201)
  })

  app.openapi(list, async c => {
    const {
      to_session: to,
      unread_only: unread,
      project_key: project,
      kind,
      limit,
      after,
    } = c.req.valid('query')
    // Reading makes the session the token's: its messages are for nobody else, even if it isn't on the board yet.
    const board = reading(c, boards, to === undefined ? NOBODY : await callerOf(c, to))
    const page = await board.messages.inbox({
      limit,
      unreadOnly: unread === 'true',
      ...given({ project, kinds: kind && [kind], before: after }),
    })
    if (!page.ok) return refused(c, page.refusal)
    return c.json({ messages: page.rows.map(messageJson), ...pageEnd(page) }, 200)
  })

  app.openapi(read, async c => {
    const { id } = c.req.valid('param')
    const named = c.req.valid('query').session_id ?? c.req.valid('json')?.session_id
    const addressee = named === undefined ? await boards.addresseeOf(id) : undefined
    if (addressee?.toMany)
      return refuse(
        c,
        409,
        'reader_missing',
        `the message ${id} is to more than one session`,
        'name the reader: session_id=…',
      )
    const reader = named ?? addressee?.session
    // Answer 404, not 403: only the addressee may learn who the message is to.
    const isTheirs = named === undefined && reader !== undefined && (await isRefused(c, reader))
    if (reader === undefined || isTheirs)
      return refuse(
        c,
        404,
        'not_found',
        `there is no message ${id}, or it no longer exists`,
        'look up the id in its list',
      )
    const said = await boards.as(await callerOf(c, reader)).messages.read([id])
    return said.ok ? c.json({ id, session_id: reader }, 200) : refused(c, said.refusal)
  })
}
