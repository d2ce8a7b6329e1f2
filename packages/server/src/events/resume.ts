import {
  type ClaimChange,
  claimOf,
  endedBy,
  type Fact,
  factsOf,
  type HistoryEvent,
  type ToldFact,
} from '@presence/core'
import type { ToldFacts } from './told.ts'

/** A change, and what it tells. */
export interface Missed {
  readonly fact: Fact
  readonly change: ClaimChange
}

/**
 * What a listener missed, the earliest first: what this server told since it follows the board, and of the history what
 * happened before that.
 *
 * @param isLive does the row's claim stand?
 */
export function missedBy(
  told: ToldFacts,
  kept: readonly Missed[],
  events: readonly HistoryEvent[],
  isLive: (row: string) => boolean,
): readonly Missed[] {
  const missed = new Map<string, Missed>()
  const stands = kept.flatMap(({ fact }) => (fact.standsFor ? [{ row: fact.row, ...fact.standsFor }] : []))
  for (const each of kept) if (!told.has(each.fact)) missed.set(each.fact.key, each)
  const facts = events.flatMap(factsOf)
  const ends = Map.groupBy(
    facts.filter(({ what }) => what !== 'claimed'),
    ({ row }) => row,
  )
  const claims = new Map<string, ToldFact>()
  for (const fact of facts.toSorted((a, b) => a.at.getTime() - b.at.getTime())) {
    const { row, at, what } = fact
    if (what === 'claimed') claims.set(row, fact)
    if (missed.has(fact.key) || told.has(fact)) continue
    const effect = what === 'claimed' ? 'claimed' : 'ended'
    const time = at.getTime()
    const isTold = stands.some(
      each => each.row === row && each.what === effect && each.from <= time && time <= each.to,
    )
    if (isTold || told.takes(row, effect, time)) continue
    if (fact.isMaybe && !isLive(row) && !ends.has(row)) continue
    missed.set(fact.key, {
      fact,
      change: changeOf(fact, claims.get(row), ends.get(row)?.find(end => end.at >= at)?.at),
    })
  }
  const order = ({ change }: Missed) => (change.event === 'claimed' ? 0 : 1)
  return [...missed.values()].sort(
    (a, b) =>
      a.fact.at.getTime() - b.fact.at.getTime() || (a.fact.row === b.fact.row ? order(a) - order(b) : 0),
  )
}

/** A fact as a change, from what the history says of its claim. */
function changeOf(fact: ToldFact, claimed: ToldFact | undefined, endedAt: Date | undefined): ClaimChange {
  const { what, at, key } = fact
  if (what === 'claimed') return { event: what, at, claim: claimOf(fact, at, endedAt), fact: key }
  const claim = claimed ? claimOf(claimed, claimed.at, at) : claimOf(fact, at, at)
  return { event: what, at, claim: endedBy(claim, fact), fact: key }
}
