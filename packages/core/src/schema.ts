/**
 * The JSON that presence sends, as zod schemas: the server's OpenAPI document and the output schemas of the
 * MCP tools are made of them. An entry of its own, because the library itself needs no zod.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import { EVENTS } from './domain/history.ts'
import { MESSAGE_KINDS } from './domain/message.ts'
import { ITEM_STATUSES, WORKFLOW_STATUSES } from './domain/work.ts'
import type { ClaimJson } from './json/claim.ts'
import type { ComponentJson, PastStateJson } from './json/component.ts'
import type { EventJson } from './json/event.ts'
import type { MessageJson } from './json/message.ts'
import type { WorkflowJson, WorkflowProgressJson, WorkItemJson } from './json/work.ts'

/**
 * An optional field that is never undefined. OpenAPI generators would treat zod's own `exactOptional` as
 * required.
 */
function maybe<Schema extends z.ZodType>(schema: Schema): z.ZodExactOptional<Schema> {
  return schema.optional() as unknown as z.ZodExactOptional<Schema>
}

const Time = z.string().meta({ format: 'date-time', example: '2026-03-01T12:00:00.000Z' })
const Token = z.number().int().min(1)

const session = {
  session_id: z.string(),
  user: z.string(),
  host: z.string(),
  agent_name: z.string(),
  place: z.object({
    repo: z.string().nullable(),
    branch: z.string().nullable(),
    worktree: z.string().nullable(),
  }),
}

/** {@link ClaimJson} as a schema. */
export const ClaimSchema = z.object({
  ...session,
  resource_label: z.string(),
  purpose: z.string(),
  claimed_at: Time,
  expires_at: Time.nullable().meta({ description: 'null: it never expires' }),
  ttl_seconds: z.number(),
  mode: z.enum(['shared', 'exclusive']),
  token: Token.nullable().meta({
    description: 'the fencing token of an exclusive claim: higher than all earlier ones on its label',
  }),
  active_at: maybe(Time),
  stale: maybe(z.boolean().meta({ description: 'an exclusive claim is idle: not touched for 2 h' })),
  lapsed_at: maybe(Time),
  ended: maybe(z.enum(['expired', 'stolen', 'resolved'])),
  ended_at: maybe(Time),
  ended_by: maybe(z.string().nullable()),
  note: maybe(z.string().nullable()),
  auto: maybe(z.boolean().meta({ description: 'the guard made the claim, for a command' })),
  command: maybe(z.string().meta({ description: 'the command of an automatic claim, in short' })),
  end: maybe(
    z.enum(['succeeded', 'failed', 'ended', 'not seen']).meta({
      description: 'how the command of an automatic claim ended; absent while it may be running',
    }),
  ),
  exit_status: maybe(z.number().int().nullable()),
  is_me: maybe(z.boolean()),
}) satisfies z.ZodType<ClaimJson>

/** {@link EventJson} as a schema. */
export const EventSchema = z.object({
  ...session,
  event: z.enum(EVENTS),
  at: Time,
  resource_label: z.string(),
  purpose: z.string(),
  mode: z.enum(['shared', 'exclusive']).nullable(),
  token: Token.nullable(),
  others: z.array(z.string()),
  note: z.string().nullable(),
  auto: maybe(z.boolean().meta({ description: 'it is about a claim that the guard made' })),
}) satisfies z.ZodType<EventJson>

/** {@link MessageJson} as a schema. */
export const MessageSchema = z.object({
  id: z.string(),
  from_session: z.string(),
  to_session: z.string().nullable().meta({ description: 'null: to all, or to all of the project' }),
  project_key: z.string().nullable(),
  kind: z.enum(MESSAGE_KINDS),
  subject: z.string(),
  body: z.string(),
  sent_at: Time,
  read_at: Time.nullable(),
  unread: z.boolean(),
}) satisfies z.ZodType<MessageJson>

/** {@link ComponentJson} as a schema. */
export const ComponentSchema = z.object({
  project_key: z.string(),
  component: z.string(),
  state: z.string(),
  version: z.string().nullable(),
  notes: z.string().nullable(),
  updated_by: z.string(),
  updated_at: Time,
}) satisfies z.ZodType<ComponentJson>

/** {@link PastStateJson} as a schema. */
export const PastStateSchema = ComponentSchema.extend({
  id: z.string(),
}) satisfies z.ZodType<PastStateJson>

const changed = {
  created_by: z.string(),
  created_at: Time,
  updated_at: Time,
  moved_by: z.string().meta({ description: 'the session that set the current status' }),
}

/** {@link WorkflowJson} as a schema. */
export const WorkflowSchema = z.object({
  id: z.string(),
  project_key: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  status: z.enum(WORKFLOW_STATUSES),
  ...changed,
}) satisfies z.ZodType<WorkflowJson>

const count = z.number().int().min(0)

/** {@link WorkflowProgressJson} as a schema. */
export const WorkflowProgressSchema = WorkflowSchema.extend({
  items: z.object({
    pending: count,
    in_progress: count,
    blocked: count,
    completed: count,
    cancelled: count,
  }),
}) satisfies z.ZodType<WorkflowProgressJson>

/** {@link WorkItemJson} as a schema. */
export const WorkItemSchema = z.object({
  id: z.string(),
  workflow_id: z.string().nullable(),
  project_key: z.string(),
  title: z.string(),
  description: z.string().nullable(),
  status: z.enum(ITEM_STATUSES),
  priority: z.number().int(),
  assigned_to: z.string().nullable(),
  ...changed,
}) satisfies z.ZodType<WorkItemJson>
