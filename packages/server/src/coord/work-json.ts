import { z } from '@hono/zod-openapi'
import {
  type Component,
  ITEM_STATUSES,
  WORKFLOW_STATUSES,
  type Workflow,
  type WorkItem,
} from '@presence/core'
import { Moment } from './schemas.ts'

export const ComponentJson = z
  .object({
    project_key: z.string(),
    component: z.string(),
    state: z.string(),
    version: z.string().nullable(),
    notes: z.string().nullable(),
    updated_by: z.string(),
    updated_at: Moment,
  })
  .openapi('CoordComponent')

export function componentJson(component: Component): z.infer<typeof ComponentJson> {
  return {
    project_key: component.project,
    component: component.component,
    state: component.state,
    version: component.version ?? null,
    notes: component.notes ?? null,
    updated_by: component.updatedBy,
    updated_at: component.updatedAt.toISOString(),
  }
}

export const WorkflowStatus = z.enum(WORKFLOW_STATUSES)
export const ItemStatus = z.enum(ITEM_STATUSES)

/** What a workflow and an item have in common. */
const MADE = {
  created_by: z.string(),
  created_at: Moment,
  updated_at: Moment,
  moved_by: z.string().openapi({ description: 'The session that gave it the status that it has' }),
}

export const WorkflowJson = z
  .object({
    id: z.string(),
    project_key: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    status: WorkflowStatus,
    ...MADE,
  })
  .openapi('CoordWorkflow')

export function workflowJson(workflow: Workflow): z.infer<typeof WorkflowJson> {
  return {
    id: workflow.id,
    project_key: workflow.project,
    name: workflow.name,
    description: workflow.description ?? null,
    status: workflow.status,
    ...madeOf(workflow),
  }
}

export const WorkItemJson = z
  .object({
    id: z.string(),
    workflow_id: z.string().nullable(),
    project_key: z.string(),
    title: z.string(),
    description: z.string().nullable(),
    status: ItemStatus,
    priority: z.number().int(),
    assigned_to: z.string().nullable(),
    ...MADE,
  })
  .openapi('CoordWorkItem')

export function workItemJson(item: WorkItem): z.infer<typeof WorkItemJson> {
  return {
    id: item.id,
    workflow_id: item.workflowId ?? null,
    project_key: item.project,
    title: item.title,
    description: item.description ?? null,
    status: item.status,
    priority: item.priority,
    assigned_to: item.assignedTo ?? null,
    ...madeOf(item),
  }
}

function madeOf({ createdBy, createdAt, updatedAt, movedBy }: Workflow | WorkItem) {
  return {
    created_by: createdBy,
    created_at: createdAt.toISOString(),
    updated_at: updatedAt.toISOString(),
    moved_by: movedBy,
  }
}
