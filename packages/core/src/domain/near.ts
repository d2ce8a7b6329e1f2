import { ancestorsOf } from './ancestors.ts'
import { type Claim, isLive, type Snapshot } from './claim.ts'
import { partsOf } from './label-parts.ts'
import { relation } from './relation.ts'
import type { CoClaim } from './session-view.ts'

/** A live claim of another session on a label that touches the same thing. */
export interface OverlappingClaim {
  /** The claim. */
  readonly claim: Claim
  /** The labels that connect the two, from the label that was asked about, or that this session holds, to the claim's. */
  readonly path: readonly string[]
}

/** The live claims of other sessions on labels near one label. */
export interface Near {
  /** On labels that certainly touch the same thing. */
  readonly overlaps: readonly OverlappingClaim[]
  /** On labels that may be the same thing under another name. */
  readonly maybeSame: readonly Claim[]
}

/** Sorts out which of a snapshot's claims are on labels near a label. */
export function nearTo(snapshot: Snapshot, label: string, sessionId: string): Near {
  const overlaps: OverlappingClaim[] = []
  const maybeSame: Claim[] = []
  for (const claim of liveOf(snapshot, sessionId)) {
    const to = relation(label, claim.label)
    if (to.is === 'overlaps') overlaps.push({ claim, path: pathFrom(label, to.path) })
    else if (to.is === 'maybeSame') maybeSame.push(claim)
  }
  return { overlaps, maybeSame }
}

/** What is near the labels that a session holds. */
export interface NearMine {
  /** The claims on labels that certainly touch the same thing as one of this session's labels. */
  readonly overlaps: readonly OverlappingClaim[]
  /** By this session's label: the claims on labels that may be the same. */
  readonly maybeSame: readonly CoClaim[]
}

/**
 * Sorts out which of a snapshot's claims are on labels near those that the session holds. A board may have 50,000 claims,
 * so each is compared only with the few labels that it could be near to.
 */
export function nearMine(snapshot: Snapshot, sessionId: string): NearMine {
  const labels = labelsOf(snapshot, sessionId)
  if (labels.length === 0) return { overlaps: [], maybeSame: [] }
  const own = new Set(labels)
  const above = grouped(labels, label => ancestorsOf(label).map(({ label: each }) => each))
  const alike = grouped(labels, label => [likeness(label)])
  const overlaps: OverlappingClaim[] = []
  const maybeSame = new Map<string, Claim[]>()
  for (const claim of liveOf(snapshot, sessionId)) {
    const below = ancestorsOf(claim.label).flatMap(({ label }) => (own.has(label) ? [label] : []))
    const near = [...below, ...(above.get(claim.label) ?? []), ...(alike.get(likeness(claim.label)) ?? [])]
    for (const label of new Set(near)) {
      const to = relation(label, claim.label)
      if (to.is === 'overlaps') overlaps.push({ claim, path: pathFrom(label, to.path) })
      else if (to.is === 'maybeSame') maybeSame.set(label, [...(maybeSame.get(label) ?? []), claim])
    }
  }
  return { overlaps, maybeSame: [...maybeSame].map(([label, others]) => ({ label, others })) }
}

function labelsOf({ claims, asOf }: Snapshot, sessionId: string): readonly string[] {
  const mine = claims.filter(claim => claim.session.id === sessionId && !claim.ended && isLive(claim, asOf))
  return [...new Set(mine.map(({ label }) => label))]
}

function liveOf({ claims, asOf }: Snapshot, sessionId: string): readonly Claim[] {
  return claims.filter(claim => claim.session.id !== sessionId && !claim.ended && isLive(claim, asOf))
}

/** `relation` leads from the part to the whole. */
function pathFrom(label: string, path: readonly string[]): readonly string[] {
  return path[0] === label ? path : path.toReversed()
}

/** Labels that may be the same have this in common. */
function likeness(label: string): string {
  const { kind, name } = partsOf(label)
  return `${kind}:${name.slice(name.lastIndexOf('/') + 1).toLowerCase()}`
}

function grouped(labels: readonly string[], keysOf: (label: string) => readonly string[]) {
  const groups = new Map<string, string[]>()
  for (const label of labels)
    for (const key of keysOf(label)) groups.set(key, [...(groups.get(key) ?? []), label])
  return groups
}
