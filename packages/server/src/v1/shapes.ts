import { z } from '@hono/zod-openapi'
import type {
  Acquired,
  Claimed,
  CoClaim,
  HeartbeatAndList,
  Held,
  IdTaken,
  InvalidInput,
  Lapsed,
  Listed,
  Logged,
  NotFound,
  NotHeld,
  NotHolder,
  NotMoved,
  OverlappingClaim,
  Released,
  Resolved,
  SeenSession,
  Session,
  SessionView,
  Stolen,
  Verified,
  Who,
} from '@presence/core'
import type { AnswerOf, Wire } from '@presence/core/internal'
import { ClaimSchema, EventSchema } from '@presence/core/schema'
import { maybe } from './inputs.ts'

// The facade's answers in JSON. `satisfies` checks each shape against the library's own type: a missing field
// or a field of another type doesn't compile.

export const Time = z.string().openapi({ format: 'date-time', example: '2026-03-01T12:00:00.000Z' })
/** `nullable` for a named shape, which the OpenAPI generator would turn into "both the shape and null". */
const orNull = <Schema extends z.ZodType>(schema: Schema) => z.union([schema, z.null()])

export const Count = z.number().int().min(0)
const Token = z
  .number()
  .int()
  .min(1)
  .openapi({ description: 'the fencing token: higher than all earlier ones on its label' })

const PlaceShape = z
  .object({
    repo: maybe(z.string()),
    branch: maybe(z.string()),
    worktree: maybe(z.string()),
    role: maybe(z.string()),
  })
  .openapi('Place')

const SessionShape = z
  .object({
    id: z.string(),
    user: z.string(),
    host: z.string(),
    agent: z.string(),
    place: maybe(PlaceShape),
  })
  .openapi('Session') satisfies z.ZodType<Wire<Session>>

export const ClaimShape = ClaimSchema.openapi('Claim')

const Claims = z.array(ClaimShape)

export const MoreClaims = maybe(
  z
    .int()
    .openapi({ description: 'the number of live claims that are not in this list; counted up to 1,000' }),
)

const CoClaimShape = z
  .object({ resource_label: z.string(), others: Claims })
  .openapi('CoClaim') satisfies z.ZodType<Wire<CoClaim>>
export const CoClaims = z.array(CoClaimShape)

const OverlapShape = z
  .object({
    claim: ClaimShape,
    path: z.array(z.string()).openapi({
      description: 'the labels that connect the two, from this one to the claim\u2019s',
      example: ['service:shop/web@prod', 'namespace:shop@prod'],
    }),
  })
  .openapi('OverlappingClaim') satisfies z.ZodType<Wire<OverlappingClaim>>
export const Overlaps = z.array(OverlapShape)

export const LapsedShape = z
  .object({ claim: ClaimShape, others: Claims })
  .openapi('Lapsed') satisfies z.ZodType<Wire<Lapsed>>

export const Ok = { ok: z.literal(true) }

export const ClaimedShape = z
  .object({
    ...Ok,
    as_of: Time,
    claim: ClaimShape,
    others: Claims,
    co_claims: CoClaims,
    overlaps: Overlaps,
    maybe_same: Claims,
    lapsed: Claims,
    ended: Claims,
    stolen: z.array(LapsedShape),
    is_new: z.boolean(),
  })
  .openapi('Claimed') satisfies z.ZodType<Wire<Claimed>>

const acquired = {
  as_of: Time,
  claim: ClaimShape.extend({ token: Token }).openapi('ExclusiveClaim'),
  others: Claims,
  overlaps: Overlaps,
  maybe_same: Claims,
  lapsed: Claims,
  ended: Claims,
  is_new: z.boolean(),
}

export const AcquiredShape = z.object({ ...Ok, ...acquired }).openapi('Acquired') satisfies z.ZodType<
  Wire<Acquired>
>

export const StolenShape = z
  .object({ ...Ok, ...acquired, from: ClaimShape })
  .openapi('Stolen') satisfies z.ZodType<Wire<Stolen>>

export const VerifiedShape = z
  .object({
    ...Ok,
    current: z.boolean(),
    holder: orNull(ClaimShape),
    token: Count,
    as_of: Time,
  })
  .openapi('Verified') satisfies z.ZodType<Wire<Verified>>

export const LeaseReleasedShape = z.object({ ...Ok, held: z.boolean() }).openapi('LeaseReleased')

export const ResolvedShape = z
  .object({ ...Ok, resolved: Claims, as_of: Time })
  .openapi('Resolved') satisfies z.ZodType<Wire<Resolved>>

const EventShape = EventSchema.openapi('HistoryEvent')

export const LoggedShape = z
  .object({ ...Ok, events: z.array(EventShape), more: z.boolean(), as_of: Time })
  .openapi('Logged') satisfies z.ZodType<Wire<Logged>>

export const SessionViewShape = z
  .object({ as_of: Time, mine: Claims, co_claims: CoClaims, lapsed: z.array(LapsedShape) })
  .openapi('SessionView') satisfies z.ZodType<Wire<SessionView>>

const listed = {
  claims: Claims,
  lapsed: Claims,
  stolen: z.array(LapsedShape),
  more_lapsed: z.boolean(),
  more_claims: MoreClaims,
  as_of: Time,
  co_claims: CoClaims,
  overlaps: Overlaps,
  maybe_same: CoClaims,
}

export const ListedShape = z.object({ ...Ok, ...listed }).openapi('Listed') satisfies z.ZodType<Wire<Listed>>

export const HeartbeatAndListShape = z
  .object({ view: SessionViewShape, listed: z.object(listed) })
  .openapi('HeartbeatAndList') satisfies z.ZodType<Wire<HeartbeatAndList>>

export const ReleasedShape = z
  .object({ ...Ok, as_of: Time, released: Claims, lapsed: Claims, co_claims: CoClaims })
  .openapi('Released') satisfies z.ZodType<Wire<Released>>

const SeenShape = z
  .object({
    session: SessionShape,
    last_seen: Time,
    seconds_since: Count,
    stale: z.boolean(),
    state: z.enum(['live', 'stale', 'inactive']),
    started_at: maybe(Time),
    ended_at: maybe(Time),
    holds: Claims,
  })
  .openapi('SeenSession') satisfies z.ZodType<Wire<SeenSession>>

export const WhoShape = z
  .object({ sessions: z.array(SeenShape), next: maybe(z.string()), as_of: Time, co_claims: CoClaims })
  .openapi('Who') satisfies z.ZodType<Wire<Who>>

export const SnapshotShape = z
  .object({ ...Ok, as_of: Time, claims: Claims, events: maybe(z.array(EventShape)), born: maybe(Time) })
  .openapi('Snapshot') satisfies z.ZodType<Wire<Exclude<AnswerOf<'read'>, { ok: false }>>>

export const ReplayShape = z
  .object({ ...Ok, done: z.boolean(), held_by: z.string().nullable() })
  .openapi('Replay') satisfies z.ZodType<Wire<Exclude<AnswerOf<'replay'>, { ok: false }>>>

export const NowShape = z.object({ now: Time }).openapi('Now')

export const AboutShape = z
  .object({ version: z.string(), board: z.string(), now: Time })
  .openapi('About') satisfies z.ZodType<Wire<AnswerOf<'about'>>>

export const TakenBackShape = z.object({ ...Ok, gone: z.boolean() }).openapi('TakenBack')

export const WaitCancelledShape = z.object(Ok).openapi('WaitCancelled')

export const NothingShape = z.object({}).openapi('Nothing')

const held = {
  message: z.string(),
  remedy: z.string(),
  resource_label: z.string(),
  holders: Claims,
  as_of: Time,
  co_claims: CoClaims,
}
const HeldShape = z
  .object({ code: z.literal('held'), ...held, waiting: maybe(Count) })
  .openapi('Held') satisfies z.ZodType<Wire<Held>>

/** Refusals because of the board's state. */
export const StateRefusalShape = z
  .discriminatedUnion('code', [
    HeldShape,
    z.object({ code: z.literal('not_holder'), ...held }).openapi('NotHolder') satisfies z.ZodType<
      Wire<NotHolder>
    >,
    z.object({ code: z.literal('not_held'), ...held }).openapi('NotHeld') satisfies z.ZodType<Wire<NotHeld>>,
    z
      .object({
        code: z.literal('not_moved'),
        message: z.string(),
        remedy: z.string(),
        id: z.string(),
        from: z.string(),
        to: z.string(),
        by: z.string(),
        allowed: z.array(z.string()),
      })
      .openapi('NotMoved') satisfies z.ZodType<Wire<NotMoved>>,
    z
      .object({ code: z.literal('id_taken'), message: z.string(), remedy: z.string(), id: z.string() })
      .openapi('IdTaken') satisfies z.ZodType<Wire<IdTaken>>,
  ])
  .openapi('StateRefusal')

/** A refusal because the board has nothing with that id. */
export const NotFoundShape = z
  .object({ code: z.literal('not_found'), message: z.string(), remedy: z.string(), id: z.string() })
  .openapi('NotFound') satisfies z.ZodType<Wire<NotFound>>

/** A refusal of invalid input, with what would be valid. */
export const InputRefusalShape = z
  .object({
    code: z.enum([
      'invalid_label',
      'invalid_purpose',
      'invalid_ttl',
      'invalid_session',
      'invalid_token',
      'invalid_write_key',
      'invalid_key',
      'invalid_wait',
      'invalid_note',
      'invalid_since',
      'invalid_id',
      'invalid_project',
      'invalid_message',
      'invalid_component',
      'invalid_work',
      'invalid_cursor',
      'invalid_command',
    ]),
    message: z.string(),
    remedy: z.string(),
    nearest: maybe(z.string()),
  })
  .openapi('InputRefusal') satisfies z.ZodType<Wire<InvalidInput>>

export const PolledShape = z
  .object({
    ...Ok,
    acquired: orNull(z.object(acquired)),
    ahead: Count,
    holders: Claims,
    as_of: Time.nullable(),
    held: orNull(HeldShape),
  })
  .openapi('Polled') satisfies z.ZodType<Wire<Exclude<AnswerOf<'poll'>, { ok: false }>>>
