import { type Claim, isExclusive, momentOf, neverExpires } from '../domain/claim.ts'
import { isIdle } from '../domain/lock.ts'
import type { Place, Session } from '../domain/session.ts'

/**
 * A claim as every interface of presence shows it: the CLI, `/api/v1`, `/events`, MCP and this library. Times
 * are ISO 8601 in UTC with milliseconds.
 *
 * A type, not an interface: a schema that allows further keys accepts only types.
 */
export type ClaimJson = {
  readonly session_id: string
  readonly resource_label: string
  readonly purpose: string
  readonly claimed_at: string
  /** Null if the claim never expires. */
  readonly expires_at: string | null
  /** 0 if the claim never expires. */
  readonly ttl_seconds: number
  readonly mode: 'shared' | 'exclusive'
  /** The fencing token of an exclusive claim. */
  readonly token: number | null
  readonly user: string
  readonly host: string
  readonly agent_name: string
  readonly place: PlaceJson
  /** When the session last took or extended an exclusive claim, if that is known. */
  readonly active_at?: string
  /** Whether an exclusive claim was idle for 2 h. Only where the board's time is known. */
  readonly stale?: boolean
  /** When an earlier claim of this session on the label lapsed, if this claim replaced it. */
  readonly lapsed_at?: string
  /** How the claim ended, if its session did not release it. */
  readonly ended?: 'expired' | 'stolen' | 'resolved'
  readonly ended_at?: string
  /** The session that stole or resolved it. */
  readonly ended_by?: string | null
  /** The reason that this session gave. */
  readonly note?: string | null
  /** Only where a session asks. */
  readonly is_me?: boolean
}

/** Where a session works, as far as it reported it. */
export type PlaceJson = {
  readonly repo: string | null
  readonly branch: string | null
  readonly worktree: string | null
}

/** Who reads the JSON, and when the board was read. */
export interface JsonView {
  /** The session that asks. Without it, there is no `is_me`. */
  readonly me?: string
  /** The database's time at the read. Without it, there is no `stale`. */
  readonly asOf?: Date
}

export function claimJson(claim: Claim, { me, asOf }: JsonView = {}): ClaimJson {
  const { session, activeAt, lapsedAt, ended } = claim
  return {
    session_id: session.id,
    resource_label: claim.label,
    purpose: claim.purpose,
    claimed_at: claim.claimedAt.toISOString(),
    expires_at: neverExpires(claim) ? null : claim.expiresAt.toISOString(),
    ttl_seconds: claim.ttlSeconds,
    mode: isExclusive(claim) ? 'exclusive' : 'shared',
    token: claim.token ?? null,
    user: session.user,
    host: session.host,
    agent_name: session.agent,
    place: placeJson(session),
    ...(activeAt ? { active_at: activeAt.toISOString() } : {}),
    ...(asOf && isExclusive(claim) ? { stale: isIdle(claim, asOf) } : {}),
    ...(lapsedAt ? { lapsed_at: lapsedAt.toISOString() } : {}),
    ...(ended
      ? {
          ended: ended.how,
          ended_at: ended.at.toISOString(),
          ended_by: ended.by ?? null,
          note: ended.note ?? null,
        }
      : {}),
    ...(me === undefined ? {} : { is_me: session.id === me }),
  }
}

export function placeJson({ place = {} }: Session): PlaceJson {
  return { repo: place.repo ?? null, branch: place.branch ?? null, worktree: place.worktree ?? null }
}

/** The end of a claim that never expires: the last day that a database accepts, as in the store. */
const NEVER = '9999-12-31T00:00:00.000Z'

/** The claim that `claimJson` was given. Keys of a later version are ignored. */
export function claimOfJson(json: ClaimJson): Claim {
  const { active_at, lapsed_at, ended, ended_at } = json
  return {
    label: json.resource_label,
    session: sessionOfJson(json),
    purpose: json.purpose,
    claimedAt: time(json.claimed_at),
    expiresAt: time(json.expires_at ?? NEVER),
    ttlSeconds: json.ttl_seconds,
    lapsedAt: lapsed_at === undefined ? undefined : time(lapsed_at),
    token: json.token ?? undefined,
    ...(active_at === undefined ? {} : { activeAt: time(active_at) }),
    ...(ended === undefined || ended_at === undefined
      ? {}
      : {
          ended: {
            how: ended,
            at: time(ended_at),
            by: json.ended_by ?? undefined,
            note: json.note ?? undefined,
          },
        }),
  }
}

/** What a claim or an event says about its session. */
export function sessionOfJson({
  session_id: id,
  user,
  host,
  agent_name: agent,
  place,
}: Pick<ClaimJson, 'session_id' | 'user' | 'host' | 'agent_name'> & { readonly place?: PlaceJson }): Session {
  const session = { id, user, host, agent }
  const known = Object.entries(place ?? {}).filter(([, value]) => value !== null)
  return known.length === 0 ? session : { ...session, place: Object.fromEntries(known) as Place }
}

function time(text: string): Date {
  return momentOf(new Date(text))
}
