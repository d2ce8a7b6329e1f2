import { createRoute, z } from '@hono/zod-openapi'
import { componentJson, workflowProgressJson } from '@presence/core'
import type { AddRoutes } from '../route.ts'
import { callerOf, LEAVES_NOTHING, NOBODY, reading } from './caller.ts'
import { given } from './given.ts'
import { claimsJson, HolderOf, Lock } from './lock-json.ts'
import { refused } from './refusals.ts'
import { ERRORS, json, Moment, ProjectKey, SessionId } from './schemas.ts'
import { ComponentJson, WorkflowJson } from './work-json.ts'

const count = z.number().int()
const Counts = z.object({
  pending: count,
  in_progress: count,
  blocked: count,
  completed: count,
  cancelled: count,
})

const Status = z
  .object({
    locks: z.array(Lock),
    claims: z.array(HolderOf).openapi({ description: 'Shared claims, which exclude no other session' }),
    more_claims: count.openapi({
      description:
        'The number of live claims that are not in `locks` and `claims`; counted up to 1,000. GET /api/coord/locks lists every lock',
    }),
    components: z
      .array(ComponentJson)
      .openapi({ description: 'The components that were set last, latest first' }),
    workflows: z
      .array(WorkflowJson.extend({ items: Counts }))
      .openapi({ description: 'The workflows that have not ended' }),
    unread_messages: count.nullable().openapi({ description: 'null without `session_id`' }),
    sessions: z.object({ live: count, stale: count, inactive: count }),
    as_of: Moment,
  })
  .openapi('CoordStatus')

const status = createRoute({
  method: 'get',
  path: '/api/coord/status',
  summary: 'Show an overview of the board',
  request: {
    query: z.strictObject({
      project_key: ProjectKey.optional().openapi({
        description: 'Components and workflows of this project only',
      }),
      session_id: SessionId.optional().openapi({
        description: 'The session whose unread messages are counted',
      }),
    }),
  },
  responses: { 200: json('The overview', Status), ...ERRORS },
})

export const addStatus: AddRoutes = (app, { boards }) => {
  app.openapi(status, async c => {
    const { project_key: project, session_id: id } = c.req.valid('query')
    const board = reading(c, boards, id === undefined ? NOBODY : await callerOf(c, id, LEAVES_NOTHING))
    const said = await board.status(given({ project }))
    if (!said.ok) return refused(c, said.refusal)
    return c.json(
      {
        ...claimsJson(said.claims, said.asOf, boards.kinds),
        more_claims: said.moreClaims ?? 0,
        components: said.components.map(componentJson),
        workflows: said.workflows.map(workflowProgressJson),
        unread_messages: id === undefined ? null : said.unread,
        sessions: said.sessions,
        as_of: said.asOf.toISOString(),
      },
      200,
    )
  })
}
