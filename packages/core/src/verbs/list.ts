import type { Deadline } from '../deadline.ts'
import { type Claim, isLive } from '../domain/claim.ts'
import { type CoClaim, standingOf } from '../domain/standing.ts'
import type { Scope, Store } from '../store/port.ts'

export interface Listed {
  /** The live claims asked for, the oldest first. */
  readonly claims: readonly Claim[]
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
    if ('label' in scope) return claim.label === scope.label.text
    return !('kind' in scope) || claim.label.startsWith(`${scope.kind}:`)
  }
  return {
    claims: snapshot.claims.filter(claim => isLive(claim, snapshot.asOf) && inScope(claim)),
    asOf: snapshot.asOf,
    coClaims: standingOf(snapshot, sessionId).coClaims,
  }
}
