import { ClaimSchema, MessageSchema } from '@presence/core/schema'
import * as z from 'zod'
/** `kind:name`. The board validates it and suggests corrections, because it knows the kinds. */
export const label = z.string('send a string, kind:name, such as node:k8s-1').describe('kind:name')

/**
 * A claim in an answer. The schema lists only the most useful fields, to save the agent tokens; the answer
 * contains all fields.
 */
export const claim = ClaimSchema.pick({
  resource_label: true,
  session_id: true,
  purpose: true,
  mode: true,
  expires_at: true,
}).loose()

/** A message, in the same way. */
export const message = MessageSchema.pick({
  id: true,
  from_session: true,
  kind: true,
  subject: true,
  body: true,
  sent_at: true,
}).loose()

/**
 * The claims of others on labels that overlap with a claim's, as `{claim, path}`, and on those that may be the same, as
 * claims; absent if there are none. The schema doesn't repeat the fields of a claim, to save the agent tokens.
 */
export const near = {
  overlaps: z.array(z.looseObject({})).optional(),
  maybe_same: z.array(z.looseObject({})).optional(),
}

export const notes = z.array(z.string()).optional()

export const asOf = z.string()
