import { type Claim, isLive, type Snapshot } from './claim.ts'
import { SESSION_FORGOTTEN_SECONDS, SESSION_STALE_SECONDS } from './limits.ts'
import type { Session } from './session.ts'

/** A session that said it is there. */
export interface RegisteredSession {
  readonly session: Session
  readonly startedAt: Date
  readonly lastHeartbeat: Date
  /** Undefined while it goes on. */
  readonly endedAt: Date | undefined
}

export type SessionState = 'live' | 'stale' | 'inactive'

/** A session that is registered or holds live claims, and when the board last heard of it. */
export interface SeenSession {
  readonly session: Session
  /** When it last registered, claimed or sent a heartbeat. */
  readonly lastSeen: Date
  /** Whole seconds since. */
  readonly secondsSince: number
  /** Not heard of for more than 300 s: it may have died, and its claims stand until they expire. */
  readonly stale: boolean
  /** `inactive`: it has ended, or was not heard of for a day, and holds nothing. */
  readonly state: SessionState
  /** When it registered; undefined where it only holds claims. */
  readonly startedAt?: Date
  /** When it said that it ended. */
  readonly endedAt?: Date
  /** Its live claims, the oldest first. */
  readonly holds: readonly Claim[]
}

/** The sessions that are registered or hold live claims, the latest heard of first. */
export function sessionsIn(
  { asOf, claims }: Snapshot,
  registered: readonly RegisteredSession[] = [],
): readonly SeenSession[] {
  const held = Map.groupBy(
    claims.filter(claim => isLive(claim, asOf)),
    claim => claim.session.id,
  )
  const said = new Map(registered.map(each => [each.session.id, each]))
  return [...new Set([...held.keys(), ...said.keys()])]
    .map(id => seen(held.get(id) ?? [], said.get(id), asOf))
    .sort((a, b) => b.lastSeen.getTime() - a.lastSeen.getTime() || (a.session.id < b.session.id ? -1 : 1))
}

/** What it last said of itself is how it is known: with a claim, or when it registered. */
function seen(holds: readonly Claim[], registered: RegisteredSession | undefined, asOf: Date): SeenSession {
  const contacts = [
    ...(registered ? [{ session: registered.session, at: registered.lastHeartbeat }] : []),
    ...holds.map(claim => ({ session: claim.session, at: lastContact(claim, asOf) })),
  ]
  const [first, ...others] = contacts
  if (!first) throw new TypeError('a session that is not registered and holds nothing is not one')
  const { session, at } = others.reduce((best, each) => (each.at > best.at ? each : best), first)
  // Read in a statement of its own, a registration may be younger than the claims.
  const secondsSince = Math.max(0, Math.floor((asOf.getTime() - at.getTime()) / 1_000))
  const stale = secondsSince > SESSION_STALE_SECONDS
  const { startedAt, endedAt } = registered ?? {}
  return {
    session: withRole(session, registered),
    lastSeen: at,
    secondsSince,
    stale,
    state: stateOf(holds, endedAt, secondsSince),
    ...(startedAt ? { startedAt } : {}),
    ...(endedAt ? { endedAt } : {}),
    holds,
  }
}

function stateOf(holds: readonly Claim[], endedAt: Date | undefined, secondsSince: number): SessionState {
  if (holds.length === 0 && (endedAt || secondsSince > SESSION_FORGOTTEN_SECONDS)) return 'inactive'
  return secondsSince > SESSION_STALE_SECONDS ? 'stale' : 'live'
}

/** A claim says where its session works, and not what it is there for. */
function withRole(session: Session, registered: RegisteredSession | undefined): Session {
  const role = registered?.session.place?.role
  return role === undefined ? session : { ...session, place: { ...session.place, role } }
}

/**
 * A claim and a heartbeat both set the expiry to their moment and the ttl, so the expiry tells that moment. Not where a
 * claim was made again with a shorter ttl, or by a client of the old table with another one: then it lies between
 * these two ends. An exclusive claim says it itself.
 */
export function lastContact({ claimedAt, expiresAt, ttlSeconds, activeAt }: Claim, asOf: Date): Date {
  if (activeAt && activeAt <= asOf) return activeAt
  const at = new Date(expiresAt.getTime() - ttlSeconds * 1_000)
  // Nothing tells more than that it claimed: said to be heard of just now, a dead session would look alive for hours.
  return at > asOf || at < claimedAt ? claimedAt : at
}
