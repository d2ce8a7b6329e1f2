import { z } from '@hono/zod-openapi'
import { type Caller, type InputWire, KIND_SHAPE, parseSessionId } from '@presence/core/internal'
import * as pattern from './patterns.ts'

/** An optional field. Typed as zod's `exactOptional`, which the OpenAPI generator would treat as required. */
export function maybe<Schema extends z.ZodType>(schema: Schema): z.ZodExactOptional<Schema> {
  return schema.optional() as unknown as z.ZodExactOptional<Schema>
}

/** A text of at most `max` characters, counted in code points as a database counts them. */
function text(max: number) {
  return z
    .string()
    .refine(value => value.isWellFormed(), 'is not valid Unicode (a lone surrogate)')
    .refine(value => [...value].length <= max, `has more than ${max} characters`)
    .openapi({ maxLength: max })
}

const SessionId = z
  .string()
  .superRefine((id, context) => {
    const parsed = parseSessionId(id, 'the session’s id')
    if (!parsed.ok) context.addIssue({ code: 'custom', message: parsed.refusal.message })
  })
  .openapi({ minLength: 1, maxLength: 128, pattern: pattern.ID, example: 'ana@laptop@1' })

const Place = z.object({
  repo: maybe(text(255)),
  branch: maybe(text(255)),
  worktree: maybe(text(1_024)),
  role: maybe(text(64)),
})

/** The calling session. It is in the same place in every input, so that one function can check it. */
export const CallerInput = z.object({
  session: z
    .object({
      id: SessionId,
      user: text(64),
      host: text(128),
      agent: text(64),
      place: maybe(Place),
    })
    .openapi('Speaker', { description: 'The calling session. Send the same id in every call' }),
  label_kinds: maybe(
    z
      .array(z.string().regex(KIND_SHAPE))
      .max(100)
      .openapi({ description: 'the label kinds of its project, in addition to those of the server' }),
  ),
  deadline_ms: maybe(
    z
      .number()
      .int()
      .min(100)
      .max(10_000)
      .openapi({ description: 'how long to wait for the answer, in milliseconds' }),
  ),
}) satisfies z.ZodType<InputWire<Caller>>

/**
 * The write key of an exclusive claim, or the id of a place in a wait queue.
 * Made by the client, globally unique.
 */
export const LockKey = z
  .string()
  .regex(/^[a-z0-9-]{16,64}$/)
  .openapi({ example: 'k8-m4x2c9-0d5v7q1z8w' })

/**
 * The write key of a claim, so that exactly this claim can be taken back.
 * Made by the client, new for each claim.
 */
export const WriteKey = z
  .string()
  .regex(/^[a-z0-9-]{8,32}$/)
  .openapi({ example: '4f9k2m7x1q8w3c6v' })

const Duration = z.union([
  z.string().openapi({ pattern: pattern.TTL, example: '15m' }),
  z.number().openapi({ type: 'integer', minimum: 1, maximum: 86_400 }),
])

/**
 * The inputs of the verbs, for a server that knows these kinds of label. zod
 * only checks the shapes. The board itself validates labels, purposes and
 * ttls, with better messages. So the patterns are only for the document.
 */
export function inputs(kinds: readonly string[]) {
  const OnLabel = {
    resource_label: z.string().openapi({
      description: '`kind:name`',
      example: 'node:k8s-1',
      maxLength: 255,
      pattern: pattern.label(kinds),
    }),
  }
  const purpose = z.string().openapi({
    description: 'what is being changed, and why: shown to everyone',
    example: 'drain for kernel',
    maxLength: 4_000,
    pattern: pattern.PROSE,
  })
  const ttl = maybe(
    Duration.openapi({
      description: 'how long it lives without a heartbeat: 15 min by default, at most a day',
    }),
  )
  const Own = { ...OnLabel, purpose, ttl }
  const over_shared = maybe(
    z.boolean().openapi({
      description: 'claim it even if others hold shared claims, which stay and are in the answer',
    }),
  )
  return {
    OnLabel,
    Own,
    Exclusive: { ...Own, over_shared },
    OnToken: {
      ...OnLabel,
      token: z.number().openapi({ type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    },
    purpose,
    ttl,
    note: z.string().openapi({ description: 'why', maxLength: 4_000, pattern: pattern.PROSE }),
    kind: z.string().openapi({ enum: [...kinds] }),
    since: z
      .union([
        z.string().openapi({ pattern: pattern.SINCE, example: '2h' }),
        z.number().openapi({ type: 'integer', minimum: 1, maximum: 999_999_999 }),
      ])
      .openapi({ description: 'how far back: a day by default' }),
  }
}
