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
  /** The id of the session that made the claim. */
  readonly session_id: string
  /** The label. */
  readonly resource_label: string
  /** What the session changes, and why. */
  readonly purpose: string
  /** When the claim was made. */
  readonly claimed_at: string
  /** Null if the claim never expires. */
  readonly expires_at: string | null
  /** How long the claim lives without a heartbeat. 0 if it never expires. */
  readonly ttl_seconds: number
  /** Whether others may hold the label too. */
  readonly mode: 'shared' | 'exclusive'
  /** The fencing token of an exclusive claim. Null for a shared claim. */
  readonly token: number | null
  /** The user that the session runs as. */
  readonly user: string
  /** The host that the session runs on. */
  readonly host: string
  /** The agent's name, or `cli`. */
  readonly agent_name: string
  /** Where the session works. */
  readonly place: PlaceJson
  /** When the session last took or extended an exclusive claim, if that is known. */
  readonly active_at?: string
  /** Whether an exclusive claim is idle: not touched for 2 h. Only where the board's time is known. */
  readonly stale?: boolean
  /** When an earlier claim of this session on the label lapsed, if this claim replaced it. */
  readonly lapsed_at?: string
  /** How the claim ended, if its session did not release it. */
  readonly ended?: 'expired' | 'stolen' | 'resolved'
  /** When the claim ended. */
  readonly ended_at?: string
  /** The session that stole or resolved it. */
  readonly ended_by?: string | null
  /** The reason that this session gave. */
  readonly note?: string | null
  /** True if the guard made the claim, for a command that was about to run. */
  readonly auto?: boolean
  /** The command of an automatic claim, in short. If one failed, that one, else the latest. */
  readonly command?: string
  /**
   * How the command of an automatic claim ended. `ended`: its agent didn't report whether it succeeded. `not seen`: the
   * claim has lapsed, and no end was reported. Absent while it may be running.
   */
  readonly end?: 'succeeded' | 'failed' | 'ended' | 'not seen'
  /** The exit status of the command. Null if it was not reported. */
  readonly exit_status?: number | null
  /** True if it is the reader's own claim. Only present if the reader is known (`JsonView.me`). */
  readonly is_me?: boolean
}

/** Where a session works, as far as it reported it. */
export type PlaceJson = {
  /** The repository's name. */
  readonly repo: string | null
  /** The branch that is checked out. */
  readonly branch: string | null
  /** The folder of the worktree. */
  readonly worktree: string | null
}

/** Who reads the JSON, and when the board was read. */
export interface JsonView {
  /**
   * The id of the session that asks. Without it, there is no `is_me`.
   * @default none
   */
  readonly me?: string
  /**
   * The database's time at the read: the answer's `asOf`. Without it, there is no `stale`.
   * @default none
   */
  readonly asOf?: Date
}

/**
 * A claim as JSON, with the same keys as in every other interface of presence.
 *
 * @param claim - a claim from any answer
 * @param view - who reads the JSON, and when the board was read
 *
 * @example
 * ```ts
 * const said = await board.list()
 * if (said.ok) {
 *   const view = { me: board.session.id, asOf: said.asOf }
 *   console.log(JSON.stringify(said.claims.map(claim => claimJson(claim, view))))
 * }
 * ```
 */
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
    ...automaticJson(claim, asOf),
    ...(me === undefined ? {} : { is_me: session.id === me }),
  }
}

function automaticJson({ automatic, expiresAt }: Claim, asOf: Date | undefined) {
  if (!automatic) return {}
  const { command, outcome, exitStatus } = automatic
  const end = outcome ?? (asOf && expiresAt <= asOf ? ('not seen' as const) : undefined)
  return { auto: true, command, ...(end ? { end, exit_status: exitStatus ?? null } : {}) }
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
    ...(json.auto
      ? {
          automatic: {
            command: json.command ?? json.purpose,
            outcome: json.end === 'not seen' ? undefined : json.end,
            exitStatus: json.exit_status ?? undefined,
          },
        }
      : {}),
  }
}

/** The session of a claim or an event, from its JSON. */
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
