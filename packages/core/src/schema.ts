/**
 * The JSON that presence sends, as zod schemas: the server's OpenAPI document and the output schemas of the
 * MCP tools are made of them. An entry of its own, because the library itself needs no zod.
 *
 * @packageDocumentation
 */
import * as z from 'zod/v4'
import { EVENTS } from './domain/history.ts'
import type { ClaimJson } from './json/claim.ts'
import type { EventJson } from './json/event.ts'

/** An optional field that is never undefined. zod's own `exactOptional` is required for OpenAPI generators. */
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
  stale: maybe(z.boolean().meta({ description: 'an exclusive claim that was idle for 2 h' })),
  lapsed_at: maybe(Time),
  ended: maybe(z.enum(['expired', 'stolen', 'resolved'])),
  ended_at: maybe(Time),
  ended_by: maybe(z.string().nullable()),
  note: maybe(z.string().nullable()),
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
}) satisfies z.ZodType<EventJson>
