import type { Claim, ClaimChange, HistoryEvent } from '@presence/core'
import {
  claimedKey,
  claimOf,
  endedBy,
  type Fact,
  factsOf,
  isDecision,
  rowOfClaim,
  type ToldFact,
} from '@presence/core/internal'
import { effectOf, type ToldFacts } from './told.ts'

/** A change, and the fact that it reports. */
export interface Missed {
  readonly fact: Fact
  readonly change: ClaimChange
}

/**
 * The changes that a listener missed, the earliest first. They come from the changes that this server has
 * sent since it began to follow the board, and from the history for the time before that.
 *
 * @param live the live claims, by row.
 * Clients of the 8-column table leave no events, so their claims are only here
 */
export function missedBy(
  told: ToldFacts,
  kept: readonly Missed[],
  events: readonly HistoryEvent[],
  live: ReadonlyMap<string, Claim>,
): readonly Missed[] {
  const missed = new Map<string, Missed>()
  const facts = events.flatMap(factsOf)
  const byEffect = kept.filter(({ fact }) => fact.standsFor)
  for (const each of kept) {
    const event = each.fact.standsFor && facts.find(fact => isOf(fact, each.fact))
    if (!told.knows(each.fact) && !(event && told.has(event))) missed.set(each.fact.key, each)
  }
  const ends = Map.groupBy(
    facts.filter(({ what }) => what !== 'claimed' && !isDecision(what)),
    ({ row }) => row,
  )
  const claims = new Map<string, ToldFact>()
  for (const fact of facts.toSorted((a, b) => a.at.getTime() - b.at.getTime())) {
    const { row, at, what } = fact
    if (what === 'claimed') claims.set(row, fact)
    if (missed.has(fact.key) || told.has(fact)) continue
    if (byEffect.some(each => isOf(fact, each.fact)) || told.knows(fact)) continue
    if (fact.isMaybe && !live.has(row) && !ends.has(row)) continue
    missed.set(fact.key, {
      fact,
      change: changeOf(fact, claims.get(row), ends.get(row)?.find(end => end.at >= at)?.at),
    })
  }
  for (const claim of live.values()) {
    const fact = claimFact(claim)
    if (!missed.has(fact.key) && !told.knows(fact))
      missed.set(fact.key, { fact, change: { event: 'claimed', at: fact.at, claim, fact: fact.key } })
  }
  const order = ({ change }: Missed) => (change.event === 'claimed' ? 0 : 1)
  return [...missed.values()].sort(
    (a, b) =>
      a.fact.at.getTime() - b.fact.at.getTime() || (a.fact.row === b.fact.row ? order(a) - order(b) : 0),
  )
}

/** The fact that a claim was made, for claims without an event. */
export function claimFact(claim: Claim): Fact {
  const row = rowOfClaim(claim)
  return { key: claimedKey(row, claim.claimedAt), row, at: claim.claimedAt }
}

/**
 * Whether this event is the cause of a fact that was reported earlier, when only the event's effect was seen.
 */
function isOf(event: Fact, { row, standsFor }: Fact): boolean {
  if (!standsFor || event.row !== row || effectOf(event) !== standsFor.what) return false
  return standsFor.from <= event.at.getTime() && event.at.getTime() <= standsFor.to
}

/** Turns a fact into a change, with the claim as the history describes it. */
function changeOf(fact: ToldFact, claimed: ToldFact | undefined, endedAt: Date | undefined): ClaimChange {
  const { what, at, key } = fact
  if (what === 'claimed') return { event: what, at, claim: claimOf(fact, at, endedAt), fact: key }
  if (isDecision(what)) return { event: what, at, claim: claimOf(fact, at, at), fact: key }
  const claim = claimed ? claimOf(claimed, claimed.at, at) : claimOf(fact, at, at)
  return { event: what, at, claim: endedBy(claim, fact), fact: key }
}
