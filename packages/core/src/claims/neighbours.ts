import { type Claim, isLive, type Snapshot } from '../domain/claim.ts'
import type { OverlappingClaim } from '../domain/guarded.ts'
import { relation } from '../domain/relation.ts'
import { othersOn } from '../domain/session-view.ts'

/** The live claims of other sessions that concern a label. */
export interface Neighbours {
  /** On the label itself. */
  readonly others: readonly Claim[]
  /** On labels that certainly touch the same thing. */
  readonly overlaps: readonly OverlappingClaim[]
  /** On labels that may be the same. */
  readonly maybeSame: readonly Claim[]
}

/** Sorts out what a read around a label found. */
export function neighboursOf(snapshot: Snapshot, label: string, sessionId: string): Neighbours {
  const overlaps: OverlappingClaim[] = []
  const maybeSame: Claim[] = []
  for (const claim of snapshot.claims) {
    if (claim.session.id === sessionId || claim.ended || !isLive(claim, snapshot.asOf)) continue
    const to = relation(label, claim.label)
    // `relation` leads from the part to the whole.
    if (to.is === 'overlaps')
      overlaps.push({ claim, path: to.path[0] === label ? to.path : to.path.toReversed() })
    else if (to.is === 'maybeSame') maybeSame.push(claim)
  }
  return { others: othersOn(snapshot, label, sessionId), overlaps, maybeSame }
}
