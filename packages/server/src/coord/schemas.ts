import { z } from '@hono/zod-openapi'
import { LABEL_LENGTH_MAX } from '@presence/core'
import { oneLine, PROJECT_SHAPE } from '@presence/core/internal'
import { ErrorBody } from '../faults.ts'
import { LOCK_ID } from './lock-id.ts'

/**
 * Characters other than the blank that are invisible, change the reading direction or break a line. Written
 * as plain code point ranges, which every regex dialect understands.
 */
const UNSEEN =
  '\\u0000-\\u001f\\u007f-\\u00a0\\u00ad\\u034f\\u061c\\u115f\\u1160\\u1680\\u17b4\\u17b5\\u180b-\\u180f\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u206f\\u3000\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\uffff'
const LINE = new RegExp(`^[^ ${UNSEEN}](?:[^${UNSEEN}]*[^ ${UNSEEN}])?$`)
/** Text without NUL and with at least one visible character. */
const PROSE = new RegExp(`^[^\\u0000]*[^ ${UNSEEN}][^\\u0000]*$`)

const CODE_POINTS_OF_PAIR = /[\ud800-\udbff][\udc00-\udfff]/g
const isWithin = (max: number) => (text: string) =>
  text.isWellFormed() && text.replace(CODE_POINTS_OF_PAIR, '_').length <= max

/** Text of several lines. @param max the most characters, in code points (not UTF-16 units) */
export const prose = (max: number) =>
  z
    .string()
    .regex(PROSE, 'is blank, or contains a NUL')
    .refine(isWithin(max), `has more than ${max} characters, or is not valid Unicode (a lone surrogate)`)
    .openapi({ maxLength: max })

/**
 * The resource to lock. Its maximum length depends on the project and on how many characters the label must
 * encode. OpenAPI can't express that for one field, so the document gives no maximum length.
 */
export const ResourceName = z
  .string()
  .regex(PROSE, 'is blank, or contains a NUL')
  .refine(
    isWithin(LABEL_LENGTH_MAX),
    `has more than ${LABEL_LENGTH_MAX} characters, or is not valid Unicode (a lone surrogate)`,
  )
  .openapi({
    description:
      'A path or a name in the project, or a label of the board such as node:k8s-1. A path or a name becomes the label `infra:<project_key>/<resource>`, which has at most 255 characters',
  })

/** Text on one line, without leading or trailing spaces or invisible characters. */
export const line = (max: number) =>
  z
    .string()
    .regex(LINE, 'must be one line of visible text, without spaces around it')
    .refine(
      text => isWithin(max)(text) && oneLine(text) === text,
      `has more than ${max} characters, or invisible ones`,
    )
    .openapi({ maxLength: max })

export const SessionId = line(128).openapi({ example: 'DESKTOP-0O8A1RL/claude-main' })
export const ProjectKey = z
  .string()
  .regex(PROJECT_SHAPE, 'may have at most 64 characters: lower-case letters, digits, "-", "_" and "."')
  .openapi({ example: 'gururmm' })
export const LockId = z
  .string()
  .regex(LOCK_ID, 'is not the id of a lock')
  .openapi({ example: 'MTpub2RlOms4cy0x' })
/**
 * Ids of messages, workflows and work items.
 * Made by the server, or by a client that wants to be able to retry.
 */
export const Id = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'is not an id')
  .openapi({ example: '2f1c7f4e-8f4e-4e8e-9d5c-0d8f0a2b6c11' })

export const Moment = z.iso.datetime()
export const Flag = z.enum(['true', 'false'])

/** A response with a JSON body. */
export const json = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { 'application/json': { schema } },
})
const error = (description: string) => json(description, ErrorBody)

/** Errors that every route under /api/coord may answer with. */
export const ERRORS = {
  400: error('The body is not JSON'),
  401: error('A token is needed'),
  403: error('The token does not allow this, or another session holds the lock'),
  413: error('The body is too large'),
  415: error('The body is not application/json'),
  422: error('The input does not match the schema'),
  429: error('Too many requests'),
  499: error('The client has disconnected, so the call was not made'),
  503: error('The database is unreachable or overloaded'),
}
export const NOT_FOUND = { 404: error('It does not exist, or no longer exists') }

/** A required body. */
export const body = <Schema extends z.ZodType>(schema: Schema) => ({
  required: true as const,
  content: { 'application/json': { schema } },
})

/** An optional body, which may also be `null`: seed 003's clients replay calls without a body that way. */
export const optionalBody = <Schema extends z.ZodNullable>(schema: Schema) => ({
  required: false as const,
  content: { 'application/json': { schema } },
})
