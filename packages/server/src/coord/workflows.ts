import { createRoute, z } from '@hono/zod-openapi'
import { workflowJson } from '@presence/core'
import type { AddRoutes } from '../route.ts'
import { callerOf, reading, unnamed } from './caller.ts'
import { given } from './given.ts'
import { PAGE, pageEnd, pageOf, position } from './page.ts'
import { notChanged, refused } from './refusals.ts'
import { ERRORS, json, ProjectKey, prose, SessionId } from './schemas.ts'
import { WorkflowJson, WorkflowStatus } from './work-json.ts'
import { addRoute, CHANGE, changeOf, changeRoute, getRoute } from './work-routes.ts'

const New = z
  .strictObject({
    project_key: ProjectKey,
    name: prose(255),
    description: prose(4_000).nullish(),
    status: WorkflowStatus.default('planning'),
    created_by: SessionId,
  })
  .openapi('CoordNewWorkflow')

const Change = changeOf('CoordWorkflowChange', {
  status: WorkflowStatus.optional(),
  name: prose(255).optional(),
  ...CHANGE,
})

const add = addRoute('/api/coord/workflows', 'Add a workflow', {
  input: New,
  made: WorkflowJson,
  taken: 'The id is already in use',
  more: {},
})

const list = createRoute({
  method: 'get',
  path: '/api/coord/workflows',
  summary: 'List the workflows',
  request: {
    query: z.strictObject({
      project_key: ProjectKey.optional(),
      status: WorkflowStatus.optional(),
      ...PAGE,
      after: position(/^\d{1,14}~[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
    }),
  },
  responses: {
    200: json('The workflows, latest first', pageOf('CoordWorkflows', { workflows: z.array(WorkflowJson) })),
    ...ERRORS,
  },
})

const get = getRoute('/api/coord/workflows/{id}', 'Get a workflow', WorkflowJson)

const change = changeRoute('/api/coord/workflows/{id}', 'Change the status or other fields of a workflow', {
  input: Change,
  made: WorkflowJson,
})

export const addWorkflows: AddRoutes = (app, { boards }) => {
  app.openapi(add, async c => {
    const { project_key: project, name, description, status, created_by: by } = c.req.valid('json')
    const id = c.req.valid('header')['idempotency-key']
    const added = await boards.as(await callerOf(c, by, { project })).workflows.add({
      project,
      name,
      status,
      ...given({ description, id }),
    })
    return added.ok ? c.json(workflowJson(added.workflow), 201) : refused(c, added.refusal)
  })

  app.openapi(list, async c => {
    const { project_key: project, status, limit, after } = c.req.valid('query')
    const page = await reading(c, boards).workflows.list({
      limit,
      ...given({ project, statuses: status && [status], after }),
    })
    if (!page.ok) return refused(c, page.refusal)
    return c.json({ workflows: page.rows.map(workflowJson), ...pageEnd(page) }, 200)
  })

  app.openapi(get, async c => {
    const found = await reading(c, boards).workflows.get(c.req.valid('param').id)
    return found.ok ? c.json(workflowJson(found.workflow), 200) : refused(c, found.refusal)
  })

  app.openapi(change, async c => {
    const { status, name, description, reopen = false, updated_by: by = unnamed(c) } = c.req.valid('json')
    const set = await boards.as(await callerOf(c, by)).workflows.set({
      id: c.req.valid('param').id,
      reopen,
      ...given({ status, name, description: description === null ? '' : description }),
    })
    return set.ok ? c.json(workflowJson(set.workflow), 200) : notChanged(c, set.refusal)
  })
}
