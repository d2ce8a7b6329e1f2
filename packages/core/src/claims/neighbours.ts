import type { Claim, Snapshot } from '../domain/claim.ts'
import type { OverlappingClaim } from '../domain/guarded.ts'
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

/** The one place where the guard learns whose claims concern a label. */
export function neighboursOf(snapshot: Snapshot, label: string, sessionId: string): Neighbours {
  return { others: othersOn(snapshot, label, sessionId), overlaps: [], maybeSame: [] }
}
