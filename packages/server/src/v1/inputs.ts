import { z } from '@hono/zod-openapi'
import { type Caller, KIND_SHAPE, parseSessionId, type Wire } from '@presence/core'

// What the verbs take. Shapes are checked here; what a label, a purpose or a ttl is, the board says itself, and better.

/** A text of so many characters, as a database counts them: code points. */
export function text(max: number, min = 0) {
  return z
    .string()
    .refine(value => value.isWellFormed(), 'holds half a character')
    .refine(value => [...value].length >= min, `has less than ${min} characters`)
    .refine(value => [...value].length <= max, `has more than ${max} characters`)
    .openapi({ minLength: min, maxLength: max })
}

const SessionId = z
  .string()
  .superRefine((id, context) => {
    const parsed = parseSessionId(id, 'the session’s id')
    if (!parsed.ok) context.addIssue({ code: 'custom', message: parsed.refusal.message })
  })
  .openapi({ minLength: 1, maxLength: 128, example: 'ana@laptop@1' })

const Place = z.object({
  repo: text(255).exactOptional(),
  branch: text(255).exactOptional(),
  worktree: text(1_024).exactOptional(),
})

/** Who is speaking: in one place of every input, so that one function can check it. */
export const CallerInput = z.object({
  session: z
    .object({
      id: SessionId,
      user: text(64),
      host: text(128),
      agent: text(64),
      place: Place.exactOptional(),
    })
    .openapi('Speaker', { description: 'Who is speaking: one id, the same everywhere' }),
  kinds: z
    .array(z.string().regex(KIND_SHAPE))
    .max(100)
    .exactOptional()
    .openapi({ description: 'kinds of label that its project knows besides those of the server' }),
  deadline_ms: z
    .number()
    .int()
    .min(1)
    .max(60_000)
    .exactOptional()
    .openapi({ description: 'how long the answer is waited for, in milliseconds' }),
}) satisfies z.ZodType<Wire<Caller>>

export const Label = z.string().openapi({
  description: '`kind:name`, at most 255 characters',
  example: 'node:k8s-1',
})
export const Duration = z.union([z.string(), z.number()]).openapi({
  description: 'whole seconds, or a number with s, m or h',
  example: '15m',
})
export const Purpose = z.string().openapi({
  description: 'what is being changed, and why: at most 4,000 characters, shown to everyone',
  example: 'drain for kernel',
})
export const Note = z.string().openapi({ description: 'why, at most 4,000 characters' })
/** What a claim or a place in a queue is known by: made by the client, unlike any other of anybody. */
export const Nonce = z.string().regex(/^[a-z0-9-]{16,64}$/)
export const TokenInput = z
  .number()
  .openapi({ type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER })

export const OnLabel = { label: Label }
export const Own = { ...OnLabel, purpose: Purpose, ttl: Duration.exactOptional() }
export const Exclusive = {
  ...Own,
  over_shared: z
    .boolean()
    .exactOptional()
    .openapi({ description: 'take it although others hold shared claims' }),
}
