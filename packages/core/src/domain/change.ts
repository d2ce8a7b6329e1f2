import { type Claim, isLapsed, isLive, type Snapshot } from './claim.ts'
import type { PresenceError } from './fault.ts'
import type { CoClaim } from './session-view.ts'

/** A change of one claim. A heartbeat is not a change. */
export interface ClaimChange {
  /**
   * `present`: the claim was live when the watch began. `lapsed`: it had already expired by then, and nobody
   * resolved it. `claimed`: it is new, was claimed again after it ended, or has a new purpose. `released`:
   * its session released it. `expired`: it lapsed without a release. `stolen`: another session took its
   * place. `resolved`: another session cleared it after it lapsed. `paused`, `proceeded` and `refused` are decisions of
   * the guard on a command. `claim` then says who ran which command on which label, as if it were a claim that has ended.
   */
  readonly event:
    | 'present'
    | 'lapsed'
    | 'claimed'
    | 'released'
    | 'expired'
    | 'stolen'
    | 'resolved'
    | 'paused'
    | 'proceeded'
    | 'refused'
  /**
   * The database's time of the claim, its release or its expiry. If no event was recorded, the time at which
   * the change was found.
   */
  readonly at: Date
  /**
   * The claim as it is, or as it last was. If a claim came and went between two polls, only its history is
   * known, which contains neither its ttl nor its place. `expiresAt` is then the time at which the claim
   * ended.
   */
  readonly claim: Claim
  /** Identifies this change, the same for everyone who watches. Opaque. */
  readonly fact?: string
}

/**
 * The board answers: its state is known from `at` on. Sent at the beginning, and whenever the board answers
 * again.
 */
export interface ContactMade {
  /** The state of the board is known. */
  readonly event: 'known'
  /** The database's time of the answer. */
  readonly at: Date
  /** The time since which the state had been unknown. Undefined at the beginning. */
  readonly since: Date | undefined
  /** The number of live claims. */
  readonly live: number
  /** The labels of this session that other sessions also hold, even if only one label is watched. */
  readonly coClaims: readonly CoClaim[]
}

/**
 * The board does not answer. The state of its claims is unknown, and none of them is reported as gone (G6).
 */
export interface ContactLost {
  /** The state of the board is unknown. */
  readonly event: 'unknown'
  /** The time of the first call without an answer, an estimate of the database's time. */
  readonly at: Date
  /**
   * The time since which the board's state is unknown: the database's time of its last answer, if it gave
   * one.
   */
  readonly since: Date
  /** Why the board gave no answer. */
  readonly fault: PresenceError
}

/** A change that a watch yields. `event` tells the three kinds apart. */
export type Change = ClaimChange | ContactMade | ContactLost

/** The changes that a watch begins with: first the lapsed claims, then the live ones. */
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
