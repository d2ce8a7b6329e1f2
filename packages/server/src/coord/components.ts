import { createRoute, z } from '@hono/zod-openapi'
import { componentJson } from '@presence/core'
import type { Context } from 'hono'
import type { ServerContext } from '../context.ts'
import type { AddRoutes } from '../route.ts'
import { callerOf, reading } from './caller.ts'
import { given } from './given.ts'
import { fromCursor, PAGE, pageEnd, pageOf, toCursor } from './page.ts'
import { NotMoved, refused } from './refusals.ts'
import { AGE, KEY } from './said.ts'
import { body, ERRORS, json, line, ProjectKey, prose, SessionId } from './schemas.ts'
import { ComponentJson } from './work-json.ts'

const Name = line(64).normalize()

const STATE = {
  state: Name.openapi({
    description: 'building, built, deploying, deployed, degraded, unknown, or another word',
    example: 'deployed',
  }),
  version: line(128).normalize().nullish(),
  notes: prose(4_000).nullish(),
  updated_by: SessionId,
}
const NamedState = z
  .strictObject({ project_key: ProjectKey, component: Name.openapi({ example: 'server' }), ...STATE })
  .openapi('CoordNewComponentState')
const StateOfOne = z.strictObject(STATE).openapi('CoordNewState')

const SET = {
  200: json('The current state', ComponentJson),
  409: json('The id is already in use', NotMoved),
  ...ERRORS,
}

const set = createRoute({
  method: 'put',
  path: '/api/coord/components',
  summary: 'Set the state of a component',
  description: 'Replaces the whole state: a version or notes that you leave out are removed.',
  request: { headers: z.object(KEY), query: z.strictObject(AGE), body: body(NamedState) },
  responses: SET,
})

const setOne = createRoute({
  method: 'put',
  path: '/api/coord/components/{project}/{component}',
  summary: 'Set the state of the component in the path',
  request: {
    headers: z.object(KEY),
    query: z.strictObject(AGE),
    params: z.object({ project: ProjectKey, component: Name }),
    body: body(StateOfOne),
  },
  responses: SET,
})

const list = createRoute({
  method: 'get',
  path: '/api/coord/components',
  summary: 'List the components and their states',
  request: { query: z.strictObject({ project_key: ProjectKey.optional(), ...PAGE }) },
  responses: {
    200: json(
      'The components, by project and name',
      pageOf('CoordComponents', { components: z.array(ComponentJson) }),
    ),
    ...ERRORS,
  },
})

export const addComponents: AddRoutes = (app, { boards }) => {
  app.openapi(set, c => {
    const { said_ms_ago: ago } = c.req.valid('query')
    return say(c, boards, c.req.valid('json'), c.req.valid('header')['idempotency-key'], ago)
  })

  app.openapi(setOne, c => {
    const { project, component } = c.req.valid('param')
    const said = { project_key: project, component, ...c.req.valid('json') }
    return say(c, boards, said, c.req.valid('header')['idempotency-key'], c.req.valid('query').said_ms_ago)
  })

  app.openapi(list, async c => {
    const { project_key: project, limit, after } = c.req.valid('query')
    // A cursor is `project~name`. Accept any text as a position: without a `~`, append one.
    const from = after === undefined ? undefined : fromCursor(after).replace(/^[^~]*$/, '$&~') || '~'
    const page = await reading(c, boards).components.list({ limit, ...given({ project, after: from }) })
    if (!page.ok) throw new TypeError(page.refusal.message)
    const next = page.next === undefined ? undefined : toCursor(page.next)
    return c.json({ components: page.rows.map(componentJson), ...pageEnd({ ...page, next }) }, 200)
  })
}

async function say(
  c: Context,
  boards: ServerContext['boards'],
  said: z.infer<typeof NamedState>,
  id: string = crypto.randomUUID(),
  ago?: number,
) {
  const { project_key: project, component, state, version, notes, updated_by: by } = said
  const session = await callerOf(c, by, { project })
  const options = { id, project, component, state, ...given({ version, notes }) }
  const late =
    ago === undefined ? undefined : await boards.replayAfter({ verb: 'component', ...options, session }, ago)
  if (late?.ok === false) return refused(c, late.refusal)
  // Setting again with the same id changes nothing and returns the current state.
  const set = await boards.as(session).components.set(options)
  return set.ok ? c.json(componentJson(set.component), 200) : refused(c, set.refusal)
}
