import { z } from '@hono/zod-openapi'
import { type Claim, isExclusive, isIdle, type Lapsed, neverExpires } from '@presence/core'
import { lastActive, PROJECT_SHAPE } from '@presence/core/internal'
import { ErrorBody } from '../faults.ts'
import { lockId } from './lock-id.ts'
import { resourceOf } from './resource.ts'
import { LockId, Moment } from './schemas.ts'

export const Lock = z
  .object({
    id: LockId,
    project_key: z.string().nullable(),
    resource: z.string(),
    label: z.string().openapi({ description: 'As `presence list` shows it' }),
    session_id: z.string(),
    description: z.string(),
    acquired_at: Moment,
    expires_at: Moment.nullable().openapi({ description: 'null: never' }),
    ttl_hours: z.number(),
    active_at: Moment.openapi({ description: 'When its session last touched it' }),
    stale: z
      .boolean()
      .openapi({ description: 'Idle: not touched for 2 h, so another session may take it away' }),
    token: z
      .number()
      .int()
      .openapi({ description: 'The fencing token: grows with every exclusive holder of the label' }),
  })
  .openapi('CoordLock')

/** A holder of a label, with an exclusive claim (a lock) or a shared one. */
const Holder = z
  .object({
    session_id: z.string(),
    description: z.string(),
    acquired_at: Moment,
    expires_at: Moment.nullable(),
    mode: z.enum(['shared', 'exclusive']),
    stale: z.boolean(),
    lock_id: LockId.nullable(),
  })
  .openapi('CoordHolder')

/** A holder, together with its label. */
export const HolderOf = Holder.extend({ label: z.string() }).openapi('CoordHolderOf')

export const Conflict = ErrorBody.extend({
  holders: z.array(Holder),
  waiting: z.number().int().openapi({ description: 'How many sessions are in its wait queue' }),
}).openapi('CoordConflict')

/** A claim that ended without a release by its session. */
export const Ended = z
  .object({
    session_id: z.string(),
    label: z.string(),
    description: z.string(),
    acquired_at: Moment,
    ended: z.enum(['expired', 'stolen', 'resolved']),
    ended_at: Moment,
    ended_by: z.string().nullable(),
    reason: z.string().nullable(),
  })
  .openapi('CoordEndedLock')

export type HeldClaim = Claim & { readonly token: number }

export function lockJson(claim: HeldClaim, asOf: Date, kinds: readonly string[]): z.infer<typeof Lock> {
  const { project, resource } = resourceOf(claim.label, kinds)
  return {
    id: lockId(claim),
    project_key: project ?? projectOf(claim),
    resource,
    label: claim.label,
    session_id: claim.session.id,
    description: claim.purpose,
    acquired_at: claim.claimedAt.toISOString(),
    expires_at: until(claim),
    ttl_hours: claim.ttlSeconds / 3_600,
    active_at: lastActive(claim, asOf).toISOString(),
    stale: isIdle(claim, asOf),
    token: claim.token,
  }
}

/** The project of a lock whose label names no project: the project that its session works on. */
export function projectOf({ session }: Claim): string | null {
  const repo = session.place?.repo
  return repo !== undefined && PROJECT_SHAPE.test(repo) ? repo : null
}

export function holderJson(claim: Claim, asOf: Date): z.infer<typeof Holder> {
  const { token } = claim
  return {
    session_id: claim.session.id,
    description: claim.purpose,
    acquired_at: claim.claimedAt.toISOString(),
    expires_at: until(claim),
    mode: token === undefined ? 'shared' : 'exclusive',
    stale: token !== undefined && isIdle(claim, asOf),
    lock_id: token === undefined ? null : lockId({ label: claim.label, token }),
  }
}

export function holderOfJson(claim: Claim, asOf: Date): z.infer<typeof HolderOf> {
  return { label: claim.label, ...holderJson(claim, asOf) }
}

/** The claims of a list: the exclusive ones as locks, and the shared ones. */
export function claimsJson(claims: readonly Claim[], asOf: Date, kinds: readonly string[]) {
  return {
    locks: claims.filter(isExclusive).map(claim => lockJson(claim, asOf, kinds)),
    claims: claims.filter(claim => !isExclusive(claim)).map(claim => holderOfJson(claim, asOf)),
  }
}

export function endedJson(claim: Claim): z.infer<typeof Ended> {
  const { ended } = claim
  return {
    session_id: claim.session.id,
    label: claim.label,
    description: claim.purpose,
    acquired_at: claim.claimedAt.toISOString(),
    ended: ended?.how ?? 'expired',
    ended_at: (ended?.at ?? claim.expiresAt).toISOString(),
    ended_by: ended?.by ?? null,
    reason: ended?.note ?? null,
  }
}

export const stolenJson = (stolen: readonly Lapsed[]) => stolen.map(({ claim }) => endedJson(claim))

function until(claim: Claim): string | null {
  return neverExpires(claim) ? null : claim.expiresAt.toISOString()
}
