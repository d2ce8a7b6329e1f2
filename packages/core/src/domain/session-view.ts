import { type Claim, isLive, type Snapshot } from './claim.ts'

/** Live claims of other sessions on a label that this session holds too. */
export interface CoClaim {
  /** The label. */
  readonly label: string
  /** The claims of the other sessions, the oldest first. */
  readonly others: readonly Claim[]
}

/** A claim of this session that lapsed, and who holds its label now. */
export interface Lapsed {
  /** The claim that lapsed. */
  readonly claim: Claim
  /** The live claims of other sessions on its label, the oldest first. */
  readonly others: readonly Claim[]
}

/** The state of one session on the board. */
export interface SessionView {
  /** The database's time at the read. */
  readonly asOf: Date
  /** This session's live claims, the oldest first. */
  readonly mine: readonly Claim[]
  /** The labels of this session that other sessions also hold: what G1 promises to tell each side. */
  readonly coClaims: readonly CoClaim[]
  /** This session's lapsed claims, kept for a day. */
  readonly lapsed: readonly Lapsed[]
}

/**
 * Computes a session's view from a snapshot that contains its claims, and other sessions' live claims on
 * the same labels.
 */
export function viewOf(snapshot: Snapshot, sessionId: string): SessionView {
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

/** The claims that were stolen from a session, until it releases the label or claims it again. */
export function stolenFrom(snapshot: Snapshot, sessionId: string): readonly Lapsed[] {
  return viewOf(snapshot, sessionId).lapsed.filter(({ claim }) => claim.ended?.how === 'stolen')
}

/** Whether the claim was taken from this session, which now holds the label exclusively again. */
function isBack({ label, ended }: Claim, mine: readonly Claim[]): boolean {
  return ended !== undefined && mine.some(claim => claim.label === label && claim.token !== undefined)
}

/** The live claims of other sessions by label, the oldest first. Goes through the whole board only once. */
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
