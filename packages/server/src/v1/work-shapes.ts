import { z } from '@hono/zod-openapi'
import {
  type Component,
  ITEM_STATUSES,
  MESSAGE_KINDS,
  type PastState,
  type Received,
  WORKFLOW_STATUSES,
  type Workflow,
  type WorkItem,
} from '@presence/core'
import type { AnswerOf, Wire } from '@presence/core/internal'
import { ClaimShape, CoClaims, Count, MoreClaims, Ok, Time } from './shapes.ts'

// Messages, components, workflows and items in JSON.

const Text = z.string()
const Maybe = z.string().nullable()

const MessageShape = z
  .object({
    id: Text,
    from: Text,
    to: Maybe,
    project: Maybe,
    kind: z.enum(MESSAGE_KINDS),
    subject: Text,
    body: Text,
    sent_at: Time,
    read_at: Time.nullable(),
    unread: z.boolean(),
  })
  .openapi('Message') satisfies z.ZodType<Wire<Received>>

const component = {
  project: Text,
  component: Text,
  state: Text,
  version: Maybe,
  notes: Maybe,
  updated_by: Text,
  updated_at: Time,
}
const ComponentShape = z.object(component).openapi('Component') satisfies z.ZodType<Wire<Component>>
const PastStateShape = z.object({ ...component, id: Text }).openapi('PastState') satisfies z.ZodType<
  Wire<PastState>
>

const WorkflowShape = z
  .object({
    id: Text,
    project: Text,
    name: Text,
    description: Maybe,
    status: z.enum(WORKFLOW_STATUSES),
    created_by: Text,
    created_at: Time,
    updated_at: Time,
    moved_by: Text,
  })
  .openapi('Workflow') satisfies z.ZodType<Wire<Workflow>>

const ItemShape = z
  .object({
    id: Text,
    workflow_id: Maybe,
    project: Text,
    title: Text,
    description: Maybe,
    status: z.enum(ITEM_STATUSES),
    priority: z.number(),
    assigned_to: Maybe,
    created_by: Text,
    created_at: Time,
    updated_at: Time,
    moved_by: Text,
  })
  .openapi('WorkItem') satisfies z.ZodType<Wire<WorkItem>>

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

const ByStatus = z.object({
  pending: Count,
  in_progress: Count,
  blocked: Count,
  completed: Count,
  cancelled: Count,
})

export const StatusShape = z
  .object({
    ...Ok,
    project: Maybe,
    claims: z.array(ClaimShape),
    more_claims: MoreClaims,
    components: z.array(ComponentShape),
    workflows: z.array(z.object({ workflow: WorkflowShape, items: ByStatus })),
    unread: Count,
    sessions: z.object({ live: Count, stale: Count, inactive: Count }),
    as_of: Time,
    co_claims: CoClaims,
  })
  .openapi('Status') satisfies z.ZodType<Wire<Exclude<AnswerOf<'status'>, { ok: false }>>>
