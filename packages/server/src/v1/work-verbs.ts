import { z } from '@hono/zod-openapi'
import { maybe } from './inputs.ts'
import type { CallTable } from './table.ts'
import * as input from './work-inputs.ts'
import * as shape from './work-shapes.ts'

const NOTHING = z.object({})

type WorkVerb = Extract<keyof CallTable, `${string}/${string}` | 'status'>

/** The verbs other than those for claims: messages, components, workflows, items and the status. */
export const WORK_VERBS: Pick<CallTable, WorkVerb> = {
  status: {
    summary: 'An overview: claims, components, workflows, my unread messages, sessions',
    input: z.object({ project_key: maybe(input.Project) }),
    answer: shape.StatusShape,
  },
  'messages/send': {
    summary: 'Send a message to a session, to all of a project, or to all',
    input: z.object({
      to_session: maybe(input.SessionOf),
      project_key: maybe(input.Project),
      kind: maybe(input.Kind),
      subject: input.Subject,
      body: input.Body,
      id: input.OwnId,
    }),
    answer: shape.SentShape,
  },
  'messages/inbox': {
    summary: 'The messages to me, and those of other sessions to my project or to all; marks nothing as read',
    rules: { not: { required: ['before', 'except'] } },
    input: z.object({
      unread_only: maybe(z.boolean()),
      project_key: maybe(input.Project),
      kinds: maybe(z.array(input.Kind)),
      limit: input.Limit,
      before: input.cursor(1),
      except: maybe(z.array(input.Id).max(500)),
    }),
    answer: shape.InboxShape,
  },
  'messages/read': {
    summary: 'Mark these messages as read',
    input: z.object({ ids: z.array(input.Id).max(500) }),
    answer: shape.ReadShape,
  },
  'messages/read-all': {
    summary: 'Mark all my unread messages as read',
    input: NOTHING,
    answer: shape.ReadShape,
  },
  'components/set': {
    summary: 'Set the state of a component',
    input: z.object({
      project_key: input.Project,
      component: input.ComponentName,
      state: input.State,
      version: maybe(input.Version),
      notes: maybe(input.Notes),
      id: input.OwnId,
    }),
    answer: shape.ComponentSetShape,
  },
  'components/list': {
    summary: 'The components and their states, by project and name',
    input: z.object({ project_key: maybe(input.Project), limit: input.Limit, after: input.cursor(0) }),
    answer: shape.ComponentsShape,
  },
  'components/history': {
    summary: 'The states that a component was set to: 90 days are kept',
    input: z.object({
      project_key: input.Project,
      component: input.ComponentName,
      limit: input.Limit,
      before: input.cursor(1),
    }),
    answer: shape.PastStatesShape,
  },
  'workflows/add': {
    summary: 'Add a workflow',
    input: z.object({
      project_key: input.Project,
      name: input.Title,
      description: maybe(input.Description),
      status: maybe(input.WorkflowStatus),
      id: input.OwnId,
    }),
    answer: shape.OneWorkflowShape,
  },
  'workflows/list': {
    summary: 'The workflows, latest first',
    input: z.object({
      project_key: maybe(input.Project),
      statuses: maybe(z.array(input.WorkflowStatus)),
      limit: input.Limit,
      after: input.cursor(1),
    }),
    answer: shape.WorkflowsShape,
  },
  'workflows/get': {
    summary: 'One workflow',
    input: z.object({ id: input.Id }),
    answer: shape.OneWorkflowShape,
  },
  'workflows/set': {
    summary:
      'Change the given fields of a workflow; its status can only change to one that may follow the current one',
    input: z.object({
      id: input.Id,
      status: maybe(input.WorkflowStatus),
      name: maybe(input.Title),
      description: maybe(input.Description),
      reopen: input.Reopen,
    }),
    answer: shape.OneWorkflowShape,
  },
  'items/add': {
    summary: 'Add a work item, with or without a workflow',
    rules: { anyOf: [{ required: ['project_key'] }, { required: ['workflow_id'] }] },
    input: z.object({
      project_key: maybe(input.Project),
      workflow_id: maybe(input.Id),
      title: input.Title,
      description: maybe(input.Description),
      status: maybe(input.ItemStatus),
      priority: maybe(input.Priority),
      assigned_to: maybe(input.SessionOf),
      id: input.OwnId,
    }),
    answer: shape.OneItemShape,
  },
  'items/list': {
    summary: 'The items, the highest priority first',
    input: z.object({
      project_key: maybe(input.Project),
      workflow_id: maybe(input.Id),
      statuses: maybe(z.array(input.ItemStatus)),
      assigned_to: maybe(z.string()),
      limit: input.Limit,
      after: input.cursor(2),
    }),
    answer: shape.ItemsShape,
  },
  'items/get': {
    summary: 'One item',
    input: z.object({ id: input.Id }),
    answer: shape.OneItemShape,
  },
  'items/set': {
    summary: 'Change the given fields of an item; if several sessions take it at once, only one gets it',
    input: z.object({
      id: input.Id,
      status: maybe(input.ItemStatus),
      title: maybe(input.Title),
      description: maybe(input.Description),
      priority: maybe(input.Priority),
      assigned_to: maybe(input.SessionOf.nullable().openapi({ description: 'null: assigned to no one' })),
      reopen: input.Reopen,
    }),
    answer: shape.OneItemShape,
  },
}
