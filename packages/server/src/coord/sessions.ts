import { createRoute, z } from '@hono/zod-openapi'
import type { Session } from '@presence/core'
import type { Context } from 'hono'
import { refuse } from '../faults.ts'
import type { AddRoutes } from '../route.ts'
import { callerOf, LEAVES_NOTHING, reading } from './caller.ts'
import { given } from './given.ts'
import { claimsJson, Ended, endedJson, HolderOf, holderOfJson, Lock } from './lock-json.ts'
import { fromCursor, PAGE, pageEnd, pageOf, toCursor } from './page.ts'
import { refused } from './refusals.ts'
import { body, ERRORS, json, line, Moment, NOT_FOUND, ProjectKey, SessionId } from './schemas.ts'
import { SessionJson, SessionState, sessionJson } from './session-json.ts'

const New = z
  .strictObject({
    session_id: SessionId,
    user: line(64).nullish(),
    host: line(128).nullish(),
    agent: line(64).nullish(),
    role: line(64).nullish().openapi({ description: 'Its role in the project' }),
    project_key: ProjectKey.nullish(),
    branch: line(255).nullish(),
    worktree: line(1_024).nullish(),
  })
  .openapi('CoordNewSession')

const Standing = z
  .object({
    session_id: z.string(),
    locks: z.array(Lock).openapi({ description: 'Its exclusive claims' }),
    claims: z.array(HolderOf).openapi({ description: 'Its shared claims' }),
    others: z.array(HolderOf).openapi({ description: "Other sessions' claims on the labels that it holds" }),
    lapsed: z
      .array(Ended)
      .openapi({ description: 'Its claims that expired, or that another session stole or resolved' }),
    as_of: Moment,
  })
  .openapi('CoordStanding')

const ONE = { params: z.object({ id: SessionId }) }
const one = json('The session', SessionJson)

const register = createRoute({
  method: 'post',
  path: '/api/coord/sessions',
  summary: 'Register a session',
  description: 'A session that is already registered counts as seen now. One that had ended starts again.',
  request: { body: body(New) },
  responses: { 201: one, ...ERRORS },
})

const list = createRoute({
  method: 'get',
  path: '/api/coord/sessions',
  summary: 'List the sessions',
  request: { query: z.strictObject({ state: SessionState.optional(), ...PAGE }) },
  responses: {
    200: json(
      'The sessions, by id; inactive ones only if you ask for them',
      pageOf('CoordSessions', { sessions: z.array(SessionJson) }),
    ),
    ...ERRORS,
  },
})

const get = createRoute({
  method: 'get',
  path: '/api/coord/sessions/{id}',
  summary: 'One session',
  request: ONE,
  responses: { 200: one, ...NOT_FOUND, ...ERRORS },
})

const heartbeat = createRoute({
  method: 'post',
  path: '/api/coord/sessions/{id}/heartbeat',
  summary: 'Send a heartbeat of a session',
  description: 'Extends all its claims, each to its own ttl from now, and returns them.',
  request: ONE,
  responses: { 200: json('The claims of the session', Standing), ...NOT_FOUND, ...ERRORS },
})

const deregister = createRoute({
  method: 'delete',
  path: '/api/coord/sessions/{id}',
  summary: 'End a session',
  description: 'Releases its claims. The session is kept, as inactive, for 30 days.',
  request: ONE,
  responses: { 200: one, ...NOT_FOUND, ...ERRORS },
})

export const addSessions: AddRoutes = (app, { boards }) => {
  app.openapi(register, async c => {
    const said = c.req.valid('json')
    const session = sessionOf(await callerOf(c, said.session_id), said)
    await boards.as(session).register()
    const found = await boards.find(session.id)
    return found ? c.json(sessionJson(found), 201) : unknown(c, session.id)
  })

  app.openapi(list, async c => {
    const { state, limit, after } = c.req.valid('query')
    const from = after === undefined ? undefined : fromCursor(after)
    const { sessions, next, asOf } = await reading(c, boards).who({ limit, ...given({ state, after: from }) })
    const end = pageEnd({ next: next === undefined ? undefined : toCursor(next), asOf })
    return c.json({ sessions: sessions.map(sessionJson), ...end }, 200)
  })

  app.openapi(get, async c => {
    const { id } = c.req.valid('param')
    const found = await boards.find(id)
    return found ? c.json(sessionJson(found), 200) : unknown(c, id)
  })

  app.openapi(heartbeat, async c => {
    const { id } = c.req.valid('param')
    const { mine, coClaims, lapsed, asOf } = await boards
      .as(await callerOf(c, id, LEAVES_NOTHING))
      .heartbeat()
    // A session that holds or lost something gets an answer. Any other must have registered.
    if (mine.length === 0 && lapsed.length === 0 && !(await boards.find(id))) return unknown(c, id)
    return c.json(
      {
        session_id: id,
        ...claimsJson(mine, asOf, boards.kinds),
        others: coClaims.flatMap(({ others }) => others.map(claim => holderOfJson(claim, asOf))),
        lapsed: lapsed.map(({ claim }) => endedJson(claim)),
        as_of: asOf.toISOString(),
      },
      200,
    )
  })

  app.openapi(deregister, async c => {
    const { id } = c.req.valid('param')
    const board = boards.as(await callerOf(c, id, LEAVES_NOTHING))
    if (!(await boards.find(id))) return unknown(c, id)
    const ended = await board.deregister()
    if (!ended.ok) return refused(c, ended.refusal)
    const found = await boards.find(id)
    return found ? c.json(sessionJson(found), 200) : unknown(c, id)
  })
}

function unknown(c: Context, id: string) {
  return refuse(c, 404, 'not_found', `there is no session ${id}`, 'register it: POST /api/coord/sessions')
}

/** The session as it describes itself. Missing fields are derived from its id. */
function sessionOf(session: Session, said: z.infer<typeof New>): Session {
  const { project_key: repo, branch, worktree, role } = said
  return {
    id: session.id,
    user: said.user ?? session.user,
    host: said.host ?? session.host,
    agent: said.agent ?? session.agent,
    place: given({ repo, branch, worktree, role }),
  }
}
