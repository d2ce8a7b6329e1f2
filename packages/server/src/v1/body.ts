import { z } from '@hono/zod-openapi'
import { cutTo, nearestOf, oneLine } from '@presence/core/internal'
import type { Context } from 'hono'
import { refuse } from '../faults.ts'
import { CallerInput } from './inputs.ts'

/**
 * The schema of a call's body: its own input and the caller's fields. Any other key is refused, because a
 * misspelt one would change the meaning of the call: a message without `to_session` goes to all.
 */
export function bodySchema(input: z.ZodType): z.ZodType {
  if (input instanceof z.ZodObject) return withCaller(input)
  if (!(input instanceof z.ZodDiscriminatedUnion))
    throw new TypeError('an input is an object, or one of several')
  const [first, ...rest] = optionsOf(input)
  if (!first) throw new TypeError('a union without options')
  return z.discriminatedUnion(input.def.discriminator, [withCaller(first), ...rest.map(withCaller)])
}

function withCaller(input: z.ZodObject) {
  return z.strictObject({ ...input.shape, ...CallerInput.shape })
}

function optionsOf(schema: z.ZodType): readonly z.ZodObject[] {
  if (schema instanceof z.ZodObject) return [schema]
  return schema instanceof z.ZodDiscriminatedUnion ? (schema.options as z.ZodObject[]) : []
}

/** Answers 422 to a body that its schema rejects. */
export function refuseBody(c: Context, { issues }: z.ZodError, schema: z.ZodType): Response {
  // A wrong key is often the reason that the right one is missing, so it is reported first.
  const unknown = issues.find(({ code, path }) => code === 'unrecognized_keys' && path.length === 0)
  if (unknown?.code === 'unrecognized_keys') return refuseKey(c, unknown.keys[0] ?? '', schema)
  const [issue] = issues
  const at = issue?.path.join('.') ?? ''
  return refuse(c, 422, 'invalid_input', at ? `${at}: ${issue?.message}` : (issue?.message ?? 'bad input'))
}

function refuseKey(c: Context, key: string, schema: z.ZodType): Response {
  const keys = [...new Set(optionsOf(schema).flatMap(({ shape }) => Object.keys(shape)))]
  // The last word of a key says what it is: "label" is nearer to resource_label than to label_kinds.
  const guess = keys.find(each => each.endsWith(`_${key}`)) ?? nearestOf(key, keys, 1)[0]
  const remedy = guess === undefined ? `the keys are ${keys.join(', ')}` : `did you mean ${guess}?`
  return refuse(c, 422, 'invalid_input', `there is no key "${cutTo(oneLine(key), 40)}"`, remedy)
}
