import type { Deadline } from '../deadline.ts'
import { type Claim, isLapsed, isLive, type Snapshot } from '../domain/claim.ts'
import { LAPSED_SHOWN_MAX } from '../domain/limits.ts'
import { type CoClaim, type Lapsed, standingOf, stolenFrom } from '../domain/standing.ts'
import type { Scope, Store } from '../store/port.ts'

export interface Listed {
  /** The live claims asked for, the oldest first. */
  readonly claims: readonly Claim[]
  /** Claims that expired without a release and that nobody resolved, the latest first: 20 at most. */
  readonly lapsed: readonly Claim[]
  /** What was stolen from me, until I release it or claim it again. */
  readonly stolen: readonly Lapsed[]
  /** More than these have lapsed. */
  readonly moreLapsed: boolean
  /** Where the latest were asked for: so many live claims are not among these, counted up to 1,000. Absent for 0. */
  readonly moreClaims?: number
  /** The database's now that they were read at. */
  readonly asOf: Date
  /** Where others hold what I hold, whatever was asked for. */
  readonly coClaims: readonly CoClaim[]
}

/** The live claims in a scope; `mine` narrows further to the session's own. */
export async function list(
  store: Store,
  sessionId: string,
  scope: Scope,
  mine: boolean,
  deadline: Deadline,
): Promise<Listed> {
  const snapshot = await store.read(scope, sessionId, deadline)
  const inScope = (claim: Claim) => {
    if (mine && claim.session.id !== sessionId) return false
    if ('label' in scope) return claim.label === scope.label
    return !('kind' in scope) || claim.label.startsWith(`${scope.kind}:`)
  }
  return listedOf(snapshot, sessionId, inScope)
}

/** What a snapshot tells of the board to one session. */
export function listedOf(
  snapshot: Snapshot,
  sessionId: string,
  inScope: (claim: Claim) => boolean = () => true,
): Listed {
  const lapsed = snapshot.claims
    .filter(claim => isLapsed(claim, snapshot.asOf) && inScope(claim))
    .toSorted((a, b) => b.expiresAt.getTime() - a.expiresAt.getTime())
  const claims = snapshot.claims.filter(claim => isLive(claim, snapshot.asOf) && inScope(claim))
  const more = (snapshot.live ?? 0) - claims.length
  return {
    claims,
    ...(more > 0 ? { moreClaims: more } : {}),
    lapsed: lapsed.slice(0, LAPSED_SHOWN_MAX),
    stolen: stolenFrom(snapshot, sessionId),
    moreLapsed: lapsed.length > LAPSED_SHOWN_MAX,
    asOf: snapshot.asOf,
    coClaims: standingOf(snapshot, sessionId).coClaims,
  }
}
