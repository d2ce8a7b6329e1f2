import { z } from '@hono/zod-openapi'
import type { AnswerOf, Wire } from '@presence/core/internal'
import {
  ComponentSchema,
  MessageSchema,
  PastStateSchema,
  WorkflowProgressSchema,
  WorkflowSchema,
  WorkItemSchema,
} from '@presence/core/schema'
import { ClaimShape, CoClaims, Count, MoreClaims, Ok, Time } from './shapes.ts'

// Answers about messages, components, workflows and items in JSON.

const MessageShape = MessageSchema.openapi('Message')
const ComponentShape = ComponentSchema.openapi('Component')
const PastStateShape = PastStateSchema.openapi('PastState')
const WorkflowShape = WorkflowSchema.openapi('Workflow')
const ProgressShape = WorkflowProgressSchema.openapi('WorkflowProgress')
const ItemShape = WorkItemSchema.openapi('WorkItem')

const Maybe = z.string().nullable()

const pageOf = <Row extends z.ZodType>(row: Row) =>
  z.object({ ...Ok, rows: z.array(row), next: Maybe, as_of: Time })

export const SentShape = z.object({ ...Ok, message: MessageShape }).openapi('Sent')
export const InboxShape = pageOf(MessageShape).openapi('Inbox')
export const ReadShape = z.object({ ...Ok, read: Count }).openapi('Read')
export const ComponentSetShape = z.object({ ...Ok, component: ComponentShape }).openapi('ComponentSet')
export const ComponentsShape = pageOf(ComponentShape).openapi('Components')
export const PastStatesShape = pageOf(PastStateShape).openapi('PastStates')
export const OneWorkflowShape = z.object({ ...Ok, workflow: WorkflowShape }).openapi('OneWorkflow')
export const WorkflowsShape = pageOf(WorkflowShape).openapi('Workflows')
export const OneItemShape = z.object({ ...Ok, item: ItemShape }).openapi('OneItem')
export const ItemsShape = pageOf(ItemShape).openapi('Items')

export const StatusShape = z
  .object({
    ...Ok,
    project_key: Maybe,
    claims: z.array(ClaimShape),
    more_claims: MoreClaims,
    components: z.array(ComponentShape),
    workflows: z.array(ProgressShape),
    unread: Count,
    sessions: z.object({ live: Count, stale: Count, inactive: Count }),
    as_of: Time,
    co_claims: CoClaims,
  })
  .openapi('Status') satisfies z.ZodType<Wire<Exclude<AnswerOf<'status'>, { ok: false }>>>
