import * as v from 'valibot'

/**
 * The lines of a recorded history, each a JSON object. Moments of this machine (`at`, `until`, `down`) are
 * milliseconds of its monotonic clock, which all its processes share. Times of the database (`asOf`,
 * `claimedAt`, `expiresAt`, `sentAt`, `readAt`, an event's `at`) are milliseconds since 1970.
 */

const claim = v.object({
  label: v.string(),
  session: v.string(),
  purpose: v.string(),
  claimedAt: v.number(),
  expiresAt: v.number(),
  ttlSeconds: v.number(),
  token: v.optional(v.number()),
})
const claims = v.optional(v.array(claim))

const message = v.object({
  id: v.string(),
  from: v.string(),
  to: v.optional(v.string()),
  subject: v.string(),
  sentAt: v.number(),
  readAt: v.optional(v.number()),
  unread: v.boolean(),
})

const event = v.object({
  event: v.string(),
  at: v.number(),
  label: v.string(),
  session: v.string(),
  purpose: v.string(),
  token: v.optional(v.number()),
  note: v.optional(v.string()),
})

const dropped = v.object({
  label: v.string(),
  sessionId: v.string(),
  /** When it was queued, by the host's clock, in milliseconds since 1970. */
  saidAt: v.optional(v.number()),
})

/** The report of a replay of the outbox. */
const replayed = v.object({
  done: v.number(),
  left: v.number(),
  dropped: v.array(dropped),
  damaged: v.array(v.string()),
})

const answer = v.object({
  /** Whether the board did it (true) or refused it (false). Undefined for a fault. */
  ok: v.optional(v.boolean()),
  /** The code of a refusal or a fault. */
  code: v.optional(v.string()),
  text: v.optional(v.string()),
  /** The call failed and is in the outbox. */
  queued: v.optional(v.boolean()),
  asOf: v.optional(v.number()),
  claim: v.optional(claim),
  isNew: v.optional(v.boolean()),
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
  waiting: v.optional(v.number()),
  coClaims: v.optional(v.array(v.object({ label: v.string(), others: v.array(claim) }))),
  current: v.optional(v.boolean()),
  holder: v.optional(claim),
  messages: v.optional(v.array(message)),
  events: v.optional(v.array(event)),
  /** The answer is one page of several. */
  more: v.optional(v.boolean()),
  replayed: v.optional(replayed),
  /** The exit status of a command. */
  status: v.optional(v.nullable(v.number())),
  /** The fencing token that the command of a run was given. */
  token: v.optional(v.number()),
  /** Whether a run started its command. */
  started: v.optional(v.boolean()),
})

const args = v.object({
  label: v.optional(v.string()),
  ttl: v.optional(v.number()),
  overShared: v.optional(v.boolean()),
  exclusive: v.optional(v.boolean()),
  token: v.optional(v.number()),
  mine: v.optional(v.boolean()),
  to: v.optional(v.string()),
  ids: v.optional(v.array(v.string())),
  unreadOnly: v.optional(v.boolean()),
  waitMs: v.optional(v.number()),
})

const line = v.variant('type', [
  v.object({
    type: v.literal('run'),
    format: v.literal(1),
    engine: v.string(),
    seed: v.number(),
    seconds: v.number(),
    deadlineMs: v.number(),
    /** The content of the plan: the verbs that workers choose from, and the kinds of faults. */
    verbs: v.array(v.string()),
    faults: v.array(v.string()),
  }),
  v.object({
    type: v.literal('process'),
    process: v.string(),
    session: v.string(),
    home: v.string(),
    at: v.number(),
    /** The host's clock at that moment, in milliseconds since 1970. */
    wall: v.optional(v.number()),
  }),
  v.object({
    type: v.literal('begin'),
    /**
     * The call's id, unique in the history. The call uses it as the purpose, subject or reason of what it
     * writes.
     */
    call: v.string(),
    process: v.string(),
    session: v.string(),
    at: v.number(),
    verb: v.string(),
    args,
  }),
  v.object({ type: v.literal('end'), call: v.string(), at: v.number(), answer }),
  /** A wait looked at the board and waits in the queue. */
  v.object({
    type: v.literal('waiting'),
    call: v.string(),
    at: v.number(),
    ahead: v.number(),
    fault: v.boolean(),
  }),
  /** A replay of the outbox, before another call. */
  v.object({ type: v.literal('replayed'), process: v.string(), at: v.number(), replayed }),
  v.object({ type: v.literal('exit'), process: v.string(), at: v.number() }),
  v.object({
    type: v.literal('fault'),
    kind: v.string(),
    target: v.optional(v.string()),
    at: v.number(),
    until: v.number(),
    /** The period in which no call can have been answered by the board. */
    down: v.optional(v.tuple([v.number(), v.number()])),
  }),
])

export const lineSchema = line
export type Line = v.InferOutput<typeof line>
export type RunLine = Extract<Line, { type: 'run' }>
export type FaultLine = Extract<Line, { type: 'fault' }>
export type Answer = v.InferOutput<typeof answer>
export type Args = v.InferOutput<typeof args>
export type Claim = v.InferOutput<typeof claim>
export type Replayed = v.InferOutput<typeof replayed>
