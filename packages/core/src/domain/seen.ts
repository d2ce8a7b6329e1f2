import { type Claim, isLive, type Snapshot } from './claim.ts'
import { SESSION_STALE_SECONDS } from './limits.ts'
import type { Session } from './session.ts'

/** A session that holds live claims, and when the board last heard of it. */
export interface SeenSession {
  readonly session: Session
  /** When it last claimed or sent a heartbeat. */
  readonly lastSeen: Date
  /** Whole seconds since. */
  readonly secondsSince: number
  /** Not heard of for more than 300 s: it may have died, and its claims stand until they expire. */
  readonly stale: boolean
  /** Its live claims, the oldest first. */
  readonly holds: readonly Claim[]
}

/** The sessions that hold live claims, the latest heard of first. */
export function sessionsIn({ asOf, claims }: Snapshot): readonly SeenSession[] {
  const held = Map.groupBy(
    claims.filter(claim => isLive(claim, asOf)),
    claim => claim.session.id,
  )
  return [...held.values()]
    .map(holds => seen(holds, asOf))
    .sort((a, b) => b.lastSeen.getTime() - a.lastSeen.getTime() || (a.session.id < b.session.id ? -1 : 1))
}

function seen(holds: readonly Claim[], asOf: Date): SeenSession {
  const [latest, ...others] = holds.map(claim => ({ claim, at: lastContact(claim, asOf) }))
  if (!latest) throw new TypeError('a session that holds nothing is not one')
  const { claim, at } = others.reduce((best, each) => (each.at > best.at ? each : best), latest)
  const secondsSince = Math.floor((asOf.getTime() - at.getTime()) / 1_000)
  return {
    session: claim.session,
    lastSeen: at,
    secondsSince,
    stale: secondsSince > SESSION_STALE_SECONDS,
    holds,
  }
}

/**
 * A claim and a heartbeat both set the expiry to their moment and the ttl, so the expiry tells that moment. Not where a
 * claim was made again with a shorter ttl, or by a client of the old table with another one: then it lies between
 * these two ends.
 */
function lastContact({ claimedAt, expiresAt, ttlSeconds }: Claim, asOf: Date): Date {
  const at = new Date(expiresAt.getTime() - ttlSeconds * 1_000)
  // Nothing tells more than that it claimed: said to be heard of just now, a dead session would look alive for hours.
  return at > asOf || at < claimedAt ? claimedAt : at
}
