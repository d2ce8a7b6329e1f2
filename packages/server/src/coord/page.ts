import { z } from '@hono/zod-openapi'
import { Moment } from './schemas.ts'

// Pages of lists: the parameters of a request, and the fields of an answer in addition to its rows.

const LIMIT_DEFAULT = 50
const LIMIT_MAX = 500
const AFTER = { description: 'The `next` of the previous page' }

/** The page size of a list (1 to 500, by default 50) and the cursor from the previous page. */
export const PAGE = {
  limit: z
    .string()
    .regex(/^[1-9]\d{0,2}$/)
    .transform(Number)
    .refine(limit => limit <= LIMIT_MAX, `is more than ${LIMIT_MAX}`)
    .default(LIMIT_DEFAULT)
    .openapi({ type: 'integer', minimum: 1, maximum: LIMIT_MAX }),
  after: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,1500}$/)
    .optional()
    .openapi(AFTER),
}
/** A cursor for lists whose cursors have another form. */
export const position = (form: RegExp) => z.string().regex(form).optional().openapi(AFTER)

/** The schema of an answer with a page of a list. */
export const pageOf = <Rows extends z.ZodRawShape>(name: string, rows: Rows) =>
  z
    .object({
      ...rows,
      next: z.string().nullable().openapi({ description: 'The `after` of the next page' }),
      as_of: Moment,
    })
    .openapi(name)

/** The fields that follow the rows in such an answer. */
export function pageEnd({ next, asOf }: { readonly next?: string | undefined; readonly asOf: Date }) {
  return { next: next ?? null, as_of: asOf.toISOString() }
}

/** Encodes a sort key as a cursor: the next page starts after it. */
export function toCursor(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url')
}

/**
 * Decodes a cursor to a sort key. Never fails: any text, even one that no list returned, is a valid position.
 */
export function fromCursor(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString('utf8')
}
