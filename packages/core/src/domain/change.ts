import { type Claim, isLapsed, isLive, type Snapshot } from './claim.ts'
import type { PresenceError } from './fault.ts'
import type { CoClaim } from './standing.ts'

/** Something became of one claim. A heartbeat is no change. */
export interface ClaimChange {
  /**
   * `present`: it was there when the watch began; `lapsed`: it had expired by then, and nobody resolved it. `claimed`: it
   * came, was made anew, or has a new purpose. `released`: its session took it off the board. `expired`: it lapsed
   * without a release. `stolen`: another session took its place. `resolved`: another cleared it once it had expired.
   */
  readonly event: 'present' | 'lapsed' | 'claimed' | 'released' | 'expired' | 'stolen' | 'resolved'
  /** The database's time of it: of the claim, its release, its expiry; of what left no event, when it was found. */
  readonly at: Date
  /**
   * As it stands, or last stood. Of one that came and went between two looks only the history is known, which has
   * neither its ttl nor its place: `expiresAt` is then when it ended.
   */
  readonly claim: Claim
  /** What tells this change from every other one, the same for everybody who watches. Opaque. */
  readonly fact?: string
}

/** From `at` on what stands on the board is known: at the beginning, and whenever the board answers again. */
export interface ContactMade {
  readonly event: 'known'
  /** The database's now. */
  readonly at: Date
  /** Since when it had been unknown; undefined at the beginning. */
  readonly since: Date | undefined
  /** How many live claims there are. */
  readonly live: number
  /** Where others hold what I hold, whatever is watched. */
  readonly coClaims: readonly CoClaim[]
}

/** The board gives no answer. What became of its claims isn't known, and none of them is told as gone (G6). */
export interface ContactLost {
  readonly event: 'unknown'
  /** The database's time of the first call without an answer, as far as it is known. */
  readonly at: Date
  /** Since when what stands on the board is unknown: the database's now of its last answer, where there was one. */
  readonly since: Date
  readonly fault: PresenceError
}

/** What a watch tells. */
export type Change = ClaimChange | ContactMade | ContactLost

/** The claims that stand when a watch begins, and before them what had lapsed. */
export function presentIn(snapshot: Snapshot): readonly ClaimChange[] {
  const lapsed = snapshot.claims.filter(claim => isLapsed(claim, snapshot.asOf))
  return [
    ...lapsed.map(claim => ({ event: 'lapsed' as const, at: claim.expiresAt, claim })),
    ...liveIn(snapshot).map(claim => ({ event: 'present' as const, at: snapshot.asOf, claim })),
  ]
}

function liveIn({ asOf, claims }: Snapshot): readonly Claim[] {
  return claims.filter(claim => isLive(claim, asOf))
}
