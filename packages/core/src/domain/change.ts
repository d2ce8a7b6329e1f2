import { type Claim, endedKeyOf, isLapsed, isLive, keyOf, type Snapshot } from './claim.ts'
import type { PresenceError } from './fault.ts'
import { LAPSED_KEPT_SECONDS } from './limits.ts'
import type { CoClaim } from './standing.ts'

/** Something became of one claim. A heartbeat is no change. */
export interface ClaimChange {
  /**
   * `present`: it was there when the watch began; `lapsed`: it had expired by then, and nobody resolved it. `claimed`: it
   * came, was made anew, or has a new purpose. `released`: its session took it off the board. `expired`: it lapsed
   * without a release. `stolen`: another session took its place. `resolved`: another cleared it once it had expired.
   */
  readonly event: 'present' | 'lapsed' | 'claimed' | 'released' | 'expired' | 'stolen' | 'resolved'
  /** The database's time of it: of the claim, of its expiry; where only the finding is known (a release), of that. */
  readonly at: Date
  /** As it stands, or last stood. */
  readonly claim: Claim
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

/**
 * What became of the claims between two snapshots, the earliest change first. `next` must hold, beside the live claims,
 * the expired rows of those that had `vanished`.
 *
 * What was live and is still in the table, expired, has expired. What is no longer there was released, unless there is a
 * note of how else it ended.
 */
export function changesBetween(previous: Snapshot, next: Snapshot): readonly ClaimChange[] {
  const live = liveIn(previous)
  const before = new Set(live.map(keyOf))
  const rows = new Map(next.claims.map(claim => [keyOf(claim), claim]))
  const came = liveIn(next).filter(claim => !before.has(keyOf(claim)))
  const changes = [
    ...live.flatMap(was => becameOf(was, rows, previous, next)),
    ...previous.claims.filter(claim => isLapsed(claim, previous.asOf)).flatMap(was => resolvedOf(was, rows)),
    ...came.map(claim => ({ event: 'claimed' as const, at: claim.claimedAt, claim })),
  ]
  return changes
    .map(change => ({ ...change, at: within(previous.asOf, change.at, next.asOf) }))
    .sort((a, b) => a.at.getTime() - b.at.getTime())
}

/**
 * The live and the lapsed claims of `previous` of which `next` holds no row. Whether one is still in the table tells an
 * expiry from a release; the time that was last known doesn't: it may have been extended since.
 */
export function vanished(previous: Snapshot, next: Snapshot): readonly Claim[] {
  const rows = new Set(next.claims.map(keyOf))
  return previous.claims.filter(
    claim =>
      (isLive(claim, previous.asOf) || isLapsed(claim, previous.asOf)) &&
      !rows.has(keyOf(claim)) &&
      !rows.has(endedKeyOf(claim)),
  )
}

function becameOf(
  was: Claim,
  rows: ReadonlyMap<string, Claim>,
  previous: Snapshot,
  next: Snapshot,
): readonly ClaimChange[] {
  const past = rows.get(endedKeyOf(was))
  if (past?.ended) {
    const { how, at } = past.ended
    if (how === 'stolen') return [{ event: 'stolen', at, claim: past }]
    return [{ event: 'expired', at: past.expiresAt, claim: past }, ...resolvedOf(was, rows)]
  }
  const is = rows.get(keyOf(was))
  if (!is)
    return mayBePruned(was, next.asOf)
      ? [{ event: 'expired', at: was.expiresAt, claim: was }]
      : [{ event: 'released', at: next.asOf, claim: was }]
  if (!isLive(is, next.asOf)) return [{ event: 'expired', at: is.expiresAt, claim: is }]
  if (is.claimedAt > was.claimedAt) {
    const anew: ClaimChange = { event: 'claimed', at: is.claimedAt, claim: is }
    const { lapsedAt } = is
    return lapsedAt && lapsedAt > previous.asOf
      ? [{ event: 'expired', at: lapsedAt, claim: was }, anew]
      : [anew]
  }
  return is.purpose === was.purpose ? [] : [{ event: 'claimed', at: next.asOf, claim: is }]
}

function resolvedOf(was: Claim, rows: ReadonlyMap<string, Claim>): readonly ClaimChange[] {
  const past = rows.get(endedKeyOf(was))
  return past?.ended?.how === 'resolved' ? [{ event: 'resolved', at: past.ended.at, claim: past }] : []
}

/** After so long an expired row may be gone without anyone's release. */
function mayBePruned(claim: Claim, asOf: Date): boolean {
  return asOf.getTime() - claim.expiresAt.getTime() >= LAPSED_KEPT_SECONDS * 1_000
}

function liveIn({ asOf, claims }: Snapshot): readonly Claim[] {
  return claims.filter(claim => isLive(claim, asOf))
}

/** A row's times may be anybody's; a change that was found between two moments happened between them. */
function within(earliest: Date, time: Date, latest: Date): Date {
  if (time > latest) return latest
  return time < earliest ? earliest : time
}
