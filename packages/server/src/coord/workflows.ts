import { createRoute, z } from '@hono/zod-openapi'
import type { AddRoutes } from '../app.ts'
import { callerOf, NOBODY, unnamed } from './caller.ts'
import { NotMoved, notChanged, refused } from './refusals.ts'
import { KEY } from './said.ts'
import {
  body,
  ERRORS,
  Id,
  json,
  Moment,
  Next,
  NOT_FOUND,
  PAGE,
  ProjectKey,
  position,
  prose,
  SessionId,
} from './schemas.ts'
import { WorkflowJson, WorkflowStatus, workflowJson } from './work-json.ts'

const New = z
  .strictObject({
    project_key: ProjectKey,
    name: prose(255),
    description: prose(4_000).nullish(),
    status: WorkflowStatus.default('planning'),
    created_by: SessionId,
  })
  .openapi('CoordNewWorkflow')

const Change = z
  .strictObject({
    status: WorkflowStatus.optional(),
    name: prose(255).optional(),
    description: prose(4_000).nullish().openapi({ description: 'null: none' }),
    reopen: z.boolean().optional().openapi({ description: 'It may have ended, and goes on' }),
    updated_by: SessionId.optional(),
  })
  .refine(change => Object.keys(change).length > 0, 'names nothing that is to change')
  .openapi('CoordWorkflowChange', { minProperties: 1 })

const add = createRoute({
  method: 'post',
  path: '/api/coord/workflows',
  summary: 'Begin work of several steps',
  request: { headers: z.object(KEY), body: body(New) },
  responses: {
    201: json('It is there', WorkflowJson),
    409: json('Another has that id', NotMoved),
    ...ERRORS,
  },
})

const list = createRoute({
  method: 'get',
  path: '/api/coord/workflows',
  summary: 'What work of several steps is there?',
  request: {
    query: z.strictObject({
      project_key: ProjectKey.optional(),
      status: WorkflowStatus.optional(),
      ...PAGE,
      after: position(/^\d{1,14}~[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
    }),
  },
  responses: {
    200: json(
      'The latest made first',
      z.object({ workflows: z.array(WorkflowJson), next: Next, as_of: Moment }).openapi('CoordWorkflows'),
    ),
    ...ERRORS,
  },
})

const get = createRoute({
  method: 'get',
  path: '/api/coord/workflows/{id}',
  summary: 'One workflow',
  request: { params: z.object({ id: Id }) },
  responses: { 200: json('As it stands', WorkflowJson), ...NOT_FOUND, ...ERRORS },
})

const change = createRoute({
  method: 'patch',
  path: '/api/coord/workflows/{id}',
  summary: 'Move a workflow to another status, or say something else of it',
  request: { params: z.object({ id: Id }), body: body(Change) },
  responses: {
    200: json('As it stands now', WorkflowJson),
    409: json('It can not go there from the status that it has', NotMoved),
    ...NOT_FOUND,
    ...ERRORS,
  },
})

export const addWorkflows: AddRoutes = (app, { boards }) => {
  app.openapi(add, async c => {
    const { project_key: project, name, description, status, created_by: by } = c.req.valid('json')
    const id = c.req.valid('header')['idempotency-key']
    const added = await boards.as(callerOf(c, by, project)).workflows.add({
      project,
      name,
      status,
      ...(description == null ? {} : { description }),
      ...(id === undefined ? {} : { id }),
    })
    return added.ok ? c.json(workflowJson(added.workflow), 201) : refused(c, added.refusal)
  })

  app.openapi(list, async c => {
    const { project_key: project, status, limit, after } = c.req.valid('query')
    const page = await boards.as(NOBODY).workflows.list({
      limit,
      ...(project === undefined ? {} : { project }),
      ...(status === undefined ? {} : { statuses: [status] }),
      ...(after === undefined ? {} : { after }),
    })
    if (!page.ok) return refused(c, page.refusal)
    const workflows = page.rows.map(workflowJson)
    return c.json({ workflows, next: page.next ?? null, as_of: page.asOf.toISOString() }, 200)
  })

  app.openapi(get, async c => {
    const found = await boards.as(NOBODY).workflows.get(c.req.valid('param').id)
    return found.ok ? c.json(workflowJson(found.workflow), 200) : refused(c, found.refusal)
  })

  app.openapi(change, async c => {
    const { status, name, description, reopen = false, updated_by: by = unnamed(c) } = c.req.valid('json')
    const set = await boards.as(callerOf(c, by)).workflows.set({
      id: c.req.valid('param').id,
      reopen,
      ...(status === undefined ? {} : { status }),
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description: description ?? '' }),
    })
    return set.ok ? c.json(workflowJson(set.workflow), 200) : notChanged(c, set.refusal)
  })
}
