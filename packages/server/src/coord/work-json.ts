import { z } from '@hono/zod-openapi'
import { ITEM_STATUSES, WORKFLOW_STATUSES } from '@presence/core'
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

export const WorkflowStatus = z.enum(WORKFLOW_STATUSES)
export const ItemStatus = z.enum(ITEM_STATUSES)

/** The fields that workflows and items share. */
const MADE = {
  created_by: z.string(),
  created_at: Moment,
  updated_at: Moment,
  moved_by: z.string().openapi({ description: 'The session that set the current status' }),
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
