import { type Claim, isLive, type Snapshot } from './claim.ts'

/** Another session's live claims beside mine on one label. */
export interface CoClaim {
  readonly label: string
  readonly others: readonly Claim[]
}

/** A claim of mine that expired without a release, and who holds its label now. */
export interface Lapsed {
  readonly claim: Claim
  readonly others: readonly Claim[]
}

/** How one session stands on the board. */
export interface Standing {
  /** The database's now that it was read at. */
  readonly asOf: Date
  /** My live claims, the oldest first. */
  readonly mine: readonly Claim[]
  /** Where others hold what I hold: what G1 says each side is told of. */
  readonly coClaims: readonly CoClaim[]
  /** My claims that expired unreleased, kept a day. */
  readonly lapsed: readonly Lapsed[]
}

/** Reads a session's standing off a snapshot that holds its claims and the live ones beside them. */
export function standingOf(snapshot: Snapshot, sessionId: string): Standing {
  const mine: Claim[] = []
  const expired: Claim[] = []
  for (const claim of snapshot.claims)
    if (claim.session.id === sessionId) (isLive(claim, snapshot.asOf) ? mine : expired).push(claim)
  const others = liveOthers(snapshot, sessionId)
  return {
    asOf: snapshot.asOf,
    mine,
    coClaims: mine
      .map(({ label }) => ({ label, others: others.get(label) ?? [] }))
      .filter(({ others }) => others.length > 0),
    lapsed: expired
      .filter(claim => !isBack(claim, mine))
      .map(claim => ({ claim, others: others.get(claim.label) ?? [] })),
  }
}

/** What was stolen from a session, until it releases the label or claims it again. */
export function stolenFrom(snapshot: Snapshot, sessionId: string): readonly Lapsed[] {
  return standingOf(snapshot, sessionId).lapsed.filter(({ claim }) => claim.ended?.how === 'stolen')
}

/** Was it taken from me, and is mine alone again? */
function isBack({ label, ended }: Claim, mine: readonly Claim[]): boolean {
  return ended !== undefined && mine.some(claim => claim.label === label && claim.token !== undefined)
}

/** The live claims of other sessions by label, each the oldest first: the whole board is gone through once. */
function liveOthers({ claims, asOf }: Snapshot, sessionId: string): ReadonlyMap<string, readonly Claim[]> {
  return Map.groupBy(
    claims.filter(claim => claim.session.id !== sessionId && isLive(claim, asOf)),
    ({ label }) => label,
  )
}

/** The live claims of other sessions on one label, the oldest first. */
export function othersOn(snapshot: Snapshot, label: string, sessionId: string): readonly Claim[] {
  return snapshot.claims.filter(
    claim => claim.label === label && claim.session.id !== sessionId && isLive(claim, snapshot.asOf),
  )
}
