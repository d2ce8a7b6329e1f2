import { z } from '@hono/zod-openapi'
import { Id } from './schemas.ts'

/** The greatest accepted age of a late call, in milliseconds: as long as messages are kept. */
export const AGE_MS_MAX = 30 * 86_400_000

/** The idempotency key. A client that lost an answer sends the call again with the same key. */
export const KEY = {
  'idempotency-key': Id.optional().openapi({
    description:
      'The id of the new entry: a call that is sent twice with the same id adds the entry only once',
  }),
}

/** The age of a call that could not be delivered when it was made. */
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
      description: 'How long ago the call was made, in milliseconds, if it could not be delivered then',
    }),
}
