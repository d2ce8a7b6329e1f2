import * as z from 'zod'

/**
 * The lines of a recorded history, each a JSON object. Moments of this machine (`at`, `until`, `down`) are
 * milliseconds of its monotonic clock, which all its processes share. Times of the database (`asOf`,
 * `claimedAt`, `expiresAt`, `sentAt`, `readAt`, an event's `at`) are milliseconds since 1970.
 */

const claim = z.object({
  label: z.string(),
  session: z.string(),
  purpose: z.string(),
  claimedAt: z.number(),
  expiresAt: z.number(),
  ttlSeconds: z.number(),
  token: z.number().optional(),
})
const claims = z.array(claim).optional()

const message = z.object({
  id: z.string(),
  from: z.string(),
  to: z.string().optional(),
  subject: z.string(),
  sentAt: z.number(),
  readAt: z.number().optional(),
  unread: z.boolean(),
})

const event = z.object({
  event: z.string(),
  at: z.number(),
  label: z.string(),
  session: z.string(),
  purpose: z.string(),
  token: z.number().optional(),
  note: z.string().optional(),
})

const dropped = z.object({
  label: z.string(),
  sessionId: z.string(),
  /** When it was queued, by the host's clock, in milliseconds since 1970. */
  saidAt: z.number().optional(),
})

/** The report of a replay of the outbox. */
const replayed = z.object({
  done: z.number(),
  left: z.number(),
  dropped: z.array(dropped),
  damaged: z.array(z.string()),
})

const answer = z.object({
  /** Whether the board did it (true) or refused it (false). Undefined for a fault. */
  ok: z.boolean().optional(),
  /** The code of a refusal or a fault. */
  code: z.string().optional(),
  text: z.string().optional(),
  /** The call failed and is in the outbox. */
  queued: z.boolean().optional(),
  asOf: z.number().optional(),
  claim: claim.optional(),
  isNew: z.boolean().optional(),
  others: claims,
  /** The session's own live claims. */
  mine: claims,
  /** Live claims that a read found. */
  claims,
  lapsed: claims,
  released: claims,
  resolved: claims,
  /** In a refusal: the claims that caused it. */
  holders: claims,
  waiting: z.number().optional(),
  coClaims: z.array(z.object({ label: z.string(), others: z.array(claim) })).optional(),
  current: z.boolean().optional(),
  holder: claim.optional(),
  messages: z.array(message).optional(),
  events: z.array(event).optional(),
  /** The answer is one page of several. */
  more: z.boolean().optional(),
  replayed: replayed.optional(),
  /** The exit status of a command. */
  status: z.number().nullable().optional(),
  /** The fencing token that the command of a run was given. */
  token: z.number().optional(),
  /** Whether a run started its command. */
  started: z.boolean().optional(),
})

const args = z.object({
  label: z.string().optional(),
  ttl: z.number().optional(),
  overShared: z.boolean().optional(),
  exclusive: z.boolean().optional(),
  token: z.number().optional(),
  mine: z.boolean().optional(),
  to: z.string().optional(),
  ids: z.array(z.string()).optional(),
  unreadOnly: z.boolean().optional(),
  waitMs: z.number().optional(),
})

const line = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('run'),
    format: z.literal(1),
    engine: z.string(),
    seed: z.number(),
    seconds: z.number(),
    deadlineMs: z.number(),
    /** The content of the plan: the verbs that workers choose from, and the kinds of faults. */
    verbs: z.array(z.string()),
    faults: z.array(z.string()),
  }),
  z.object({
    type: z.literal('process'),
    process: z.string(),
    session: z.string(),
    home: z.string(),
    at: z.number(),
    /** The host's clock at that moment, in milliseconds since 1970. */
    wall: z.number().optional(),
  }),
  z.object({
    type: z.literal('begin'),
    /**
     * The call's id, unique in the history. The call uses it as the purpose, subject or reason of what it
     * writes.
     */
    call: z.string(),
    process: z.string(),
    session: z.string(),
    at: z.number(),
    verb: z.string(),
    args,
  }),
  z.object({ type: z.literal('end'), call: z.string(), at: z.number(), answer }),
  /** A wait looked at the board and waits in the queue. */
  z.object({
    type: z.literal('waiting'),
    call: z.string(),
    at: z.number(),
    ahead: z.number(),
    fault: z.boolean(),
  }),
  /** A replay of the outbox, before another call. */
  z.object({ type: z.literal('replayed'), process: z.string(), at: z.number(), replayed }),
  z.object({ type: z.literal('exit'), process: z.string(), at: z.number() }),
  z.object({
    type: z.literal('fault'),
    kind: z.string(),
    target: z.string().optional(),
    at: z.number(),
    until: z.number(),
    /** The period in which no call can have been answered by the board. */
    down: z.tuple([z.number(), z.number()]).optional(),
  }),
])

export const lineSchema = line
export type Line = z.infer<typeof line>
export type RunLine = Extract<Line, { type: 'run' }>
export type FaultLine = Extract<Line, { type: 'fault' }>
export type Answer = z.infer<typeof answer>
export type Args = z.infer<typeof args>
export type Claim = z.infer<typeof claim>
export type Replayed = z.infer<typeof replayed>
