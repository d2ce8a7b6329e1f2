import { z } from '@hono/zod-openapi'
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
