import { z } from '@hono/zod-openapi'
import type { Boards, QueuedOperation, QueuedVerb, Session } from '@presence/core'
import { Id } from './schemas.ts'

/** So long ago something may have been said, in milliseconds: as long as messages are kept. */
const AGE_MS_MAX = 30 * 86_400_000

/** What whoever asks again because an answer was lost says about it. */
export const KEY = {
  'idempotency-key': Id.optional().openapi({
    description: 'The id of what is made: asked again with the same one it is made once',
  }),
}

/** The same where what was said has a time of its own. */
export const AGE = {
  said_ms_ago: z
    .string()
    .regex(/^\d{1,10}$/)
    .transform(Number)
    .refine(age => age <= AGE_MS_MAX, 'is longer than 30 days')
    .optional()
    .openapi({
      type: 'integer',
      minimum: 0,
      maximum: AGE_MS_MAX,
      description: 'How long ago it was said, in milliseconds, where it could not be delivered then',
    }),
}

/** Does what was said so long ago, as it would have been done then; once, however often it is asked for. */
export function doAsSaid(
  boards: Boards,
  session: Session,
  ageMs: number,
  operation: Extract<QueuedVerb, { id: string }>,
): Promise<boolean> {
  const queued: QueuedOperation = { ...operation, session, at: Date.now() - ageMs }
  return boards.doAsSaid(queued, ageMs)
}
