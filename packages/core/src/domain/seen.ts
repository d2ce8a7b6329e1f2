import { type Claim, isLive, type Snapshot } from './claim.ts'
import { SESSION_FORGOTTEN_SECONDS, SESSION_STALE_SECONDS } from './limits.ts'
import type { Session } from './session.ts'

/** A session that registered itself. */
export interface RegisteredSession {
  readonly session: Session
  readonly startedAt: Date
  readonly lastHeartbeat: Date
  /** Undefined while the session is running. */
  readonly endedAt: Date | undefined
}

/**
 * `live`: seen within the last 300 s. `stale`: not seen for longer. `inactive`: it has ended or was not seen
 * for a day, and holds nothing.
 */
export type SessionState = 'live' | 'stale' | 'inactive'

/** A session that is registered or holds live claims, and when the board last saw it. */
export interface SeenSession {
  /** The session, as it last described itself. */
  readonly session: Session
  /** When it last registered, claimed or sent a heartbeat. */
  readonly lastSeen: Date
  /** Whole seconds since `lastSeen`. */
  readonly secondsSince: number
  /** Not seen for more than 300 s. It may have died. Its claims stay until they expire. */
  readonly stale: boolean
  /** `inactive`: it has ended or was not seen for a day, and holds nothing. */
  readonly state: SessionState
  /** When it registered. Undefined if it only holds claims. */
  readonly startedAt?: Date
  /** When it reported its end. */
  readonly endedAt?: Date
  /** Its live claims, the oldest first. */
  readonly holds: readonly Claim[]
}

/** The sessions that are registered or hold live claims, the last seen first. */
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

/** The session as it last described itself: with a claim, or when it registered. */
function seen(holds: readonly Claim[], registered: RegisteredSession | undefined, asOf: Date): SeenSession {
  const contacts = [
    ...(registered ? [{ session: registered.session, at: registered.lastHeartbeat }] : []),
    ...holds.map(claim => ({ session: claim.session, at: lastContact(claim, asOf) })),
  ]
  const [first, ...others] = contacts
  if (!first) throw new TypeError('a session must be registered or hold a claim')
  const { session, at } = others.reduce((best, each) => (each.at > best.at ? each : best), first)
  // The registration is read in a statement of its own, so it may be newer than the claims.
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

/** A claim records where its session works, but not its role. */
function withRole(session: Session, registered: RegisteredSession | undefined): Session {
  const role = registered?.session.place?.role
  return role === undefined ? session : { ...session, place: { ...session.place, role } }
}

/**
 * When the session of a claim was last active. A claim and a heartbeat both set the expiry to their own time
 * plus the ttl, so the expiry shows that time. If the claim was made again with a shorter ttl, or by a client
 * of the 8-column table with another ttl, the result is only known to lie between `claimedAt` and now. An
 * exclusive claim stores the time itself.
 */
export function lastContact({ claimedAt, expiresAt, ttlSeconds, activeAt }: Claim, asOf: Date): Date {
  if (activeAt && activeAt <= asOf) return activeAt
  const at = new Date(expiresAt.getTime() - ttlSeconds * 1_000)
  // If the expiry gives an impossible time, only the time of the claim is certain. If the session counted as
  // just seen instead, a dead session would look alive for hours.
  return at > asOf || at < claimedAt ? claimedAt : at
}
