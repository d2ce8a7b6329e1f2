import { createRoute, z } from '@hono/zod-openapi'
import { workItemJson } from '@presence/core'
import type { AddRoutes } from '../route.ts'
import { callerOf, reading, unnamed } from './caller.ts'
import { given } from './given.ts'
import { PAGE, pageEnd, pageOf, position } from './page.ts'
import { notChanged, refused } from './refusals.ts'
import { ERRORS, Id, json, NOT_FOUND, ProjectKey, prose, SessionId } from './schemas.ts'
import { ItemStatus, WorkItemJson } from './work-json.ts'
import { addRoute, CHANGE, changeOf, changeRoute, getRoute } from './work-routes.ts'

const Priority = z.number().int().min(0).max(100).openapi({ description: 'Higher comes first' })

const New = z
  .strictObject({
    workflow_id: Id.nullish(),
    project_key: ProjectKey,
    title: prose(255),
    description: prose(4_000).nullish(),
    status: ItemStatus.default('pending'),
    priority: Priority.default(50),
    assigned_to: SessionId.nullish(),
    created_by: SessionId.optional(),
  })
  .openapi('CoordNewWorkItem')

const Change = changeOf('CoordWorkItemChange', {
  status: ItemStatus.optional(),
  title: prose(255).optional(),
  priority: Priority.optional(),
  assigned_to: SessionId.nullish().openapi({ description: 'null: assigned to no one' }),
  ...CHANGE,
})

const add = addRoute('/api/coord/work-items', 'Add a work item', {
  input: New,
  made: WorkItemJson,
  taken: 'The id is already in use, or the workflow belongs to another project',
  more: NOT_FOUND,
})

const list = createRoute({
  method: 'get',
  path: '/api/coord/work-items',
  summary: 'List the work items',
  request: {
    query: z.strictObject({
      project_key: ProjectKey.optional(),
      workflow_id: Id.optional(),
      status: ItemStatus.optional(),
      assigned_to: SessionId.optional(),
      ...PAGE,
      after: position(/^\d{1,3}~\d{1,14}~[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
    }),
  },
  responses: {
    200: json(
      'The work items: highest priority first, then oldest first',
      pageOf('CoordWorkItems', { work_items: z.array(WorkItemJson) }),
    ),
    ...ERRORS,
  },
})

const get = getRoute('/api/coord/work-items/{id}', 'Get a work item', WorkItemJson)

const change = changeRoute('/api/coord/work-items/{id}', 'Change the status or other fields of a work item', {
  description: 'If several sessions move it at once, one succeeds, and the others are told which one.',
  input: Change,
  made: WorkItemJson,
})

export const addWorkItems: AddRoutes = (app, { boards }) => {
  app.openapi(add, async c => {
    const said = c.req.valid('json')
    const id = c.req.valid('header')['idempotency-key']
    const session = await callerOf(c, said.created_by ?? unnamed(c), { project: said.project_key })
    const added = await boards.as(session).items.add({
      project: said.project_key,
      title: said.title,
      status: said.status,
      priority: said.priority,
      ...given({
        workflow: said.workflow_id,
        description: said.description,
        assignedTo: said.assigned_to,
        id,
      }),
    })
    return added.ok ? c.json(workItemJson(added.item), 201) : refused(c, added.refusal)
  })

  app.openapi(list, async c => {
    const {
      project_key: project,
      workflow_id: workflow,
      status,
      assigned_to,
      limit,
      after,
    } = c.req.valid('query')
    const page = await reading(c, boards).items.list({
      limit,
      ...given({ project, workflow, statuses: status && [status], assignedTo: assigned_to, after }),
    })
    if (!page.ok) return refused(c, page.refusal)
    return c.json({ work_items: page.rows.map(workItemJson), ...pageEnd(page) }, 200)
  })

  app.openapi(get, async c => {
    const found = await reading(c, boards).items.get(c.req.valid('param').id)
    return found.ok ? c.json(workItemJson(found.item), 200) : refused(c, found.refusal)
  })

  app.openapi(change, async c => {
    const {
      status,
      title,
      description,
      priority,
      assigned_to: assignedTo,
      reopen = false,
      updated_by: by = unnamed(c),
    } = c.req.valid('json')
    const set = await boards.as(await callerOf(c, by)).items.set({
      id: c.req.valid('param').id,
      reopen,
      ...given({ status, title, description: description === null ? '' : description, priority }),
      ...(assignedTo === undefined ? {} : { assignedTo }),
    })
    return set.ok ? c.json(workItemJson(set.item), 200) : notChanged(c, set.refusal)
  })
}
