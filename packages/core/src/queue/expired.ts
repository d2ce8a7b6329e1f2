import type { QueuedOperation } from '../domain/operation.ts'

export type QueuedClaim = Extract<QueuedOperation, { verb: 'claim' }>

/**
 * The queued claims that no longer live at `now`, counting the heartbeats and claims queued behind them that kept them
 * alive meanwhile. They are not put on the board: whoever made them is told instead.
 *
 * @param operations in the order in which they were said
 * @param now milliseconds since 1970, by the clock that `at` was read from
 */
export function expiredClaims(operations: readonly QueuedOperation[], now: number): ReadonlySet<QueuedClaim> {
  return new Set(
    operations.filter((each): each is QueuedClaim => {
      if (each.verb !== 'claim') return false
      return endOf(each, operations.slice(operations.indexOf(each) + 1)) <= now
    }),
  )
}

/** When a claim ends, as far as the queue tells. */
function endOf(claim: QueuedClaim, later: readonly QueuedOperation[]): number {
  const lifeMs = claim.ttlSeconds * 1_000
  let end = claim.at + lifeMs
  for (const { verb, at, session, ...rest } of later) {
    if (session.id !== claim.session.id || at >= end) continue
    const sameLabel = 'label' in rest && rest.label === claim.label
    if (verb === 'heartbeat') end = Math.max(end, at + lifeMs)
    if (verb === 'claim' && sameLabel) end = Math.max(end, at + lifeMs)
  }
  return end
}
