import type { Deadline } from '../deadline.ts'
import { type Claim, isLapsed, isLive, type Snapshot } from '../domain/claim.ts'
import { parseKind } from '../domain/label.ts'
import { LAPSED_SHOWN_MAX } from '../domain/limits.ts'
import { type NearMine, nearMine, nearTo, type OverlappingClaim } from '../domain/near.ts'
import type { Outcome } from '../domain/refusal.ts'
import { type CoClaim, type Lapsed, stolenFrom, viewOf } from '../domain/session-view.ts'
import type { Scope, Store } from '../store/port/store.ts'
import type { CallContext } from './context.ts'

/** The live claims that were asked for, and what this session has to know about its own. */
export interface Listed {
  /** The requested live claims, the oldest first. */
  readonly claims: readonly Claim[]
  /** Lapsed claims that nobody resolved, the latest first. At most 20. */
  readonly lapsed: readonly Claim[]
  /** The claims that were stolen from this session, until it releases the label or claims it again. */
  readonly stolen: readonly Lapsed[]
  /** True if more claims than these have lapsed. */
  readonly moreLapsed: boolean
  /**
   * If only the latest claims were requested: how many live claims are not among them, counted up to 1,000.
   * Absent for 0.
   */
  readonly moreClaims?: number
  /** The database's time at the read. */
  readonly asOf: Date
  /** The labels of this session that other sessions also hold. The filters of the request don't apply. */
  readonly coClaims: readonly CoClaim[]
  /**
   * The live claims of other sessions on labels that touch the same thing as the label that was peeked at, or else as a
   * label of this session.
   */
  readonly overlaps: readonly OverlappingClaim[]
  /** The same for labels that may be the same thing under another name, by the label that they may be. */
  readonly maybeSame: readonly CoClaim[]
}

/** Lists the live claims on a label, of a kind, or all. `mine` limits them to the session's own. */
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
  const listed = listedOf(snapshot, sessionId, inScope)
  if ('mine' in scope) return { ...listed, ...(await nearOwn(store, sessionId, snapshot, deadline)) }
  if (!('label' in scope)) return listed
  const { overlaps, maybeSame } = nearTo(snapshot, scope.label, sessionId)
  return {
    ...listed,
    overlaps,
    maybeSame: maybeSame.length > 0 ? [{ label: scope.label, others: maybeSame }] : [],
  }
}

/** A session with more labels than this asks for the whole board, because the search for each label costs time. */
const LABELS_SEARCHED_MAX = 20

/** What is near the claims of a session whose snapshot holds only these. */
async function nearOwn(
  store: Store,
  sessionId: string,
  { claims, asOf }: Snapshot,
  deadline: Deadline,
): Promise<NearMine> {
  const live = claims.filter(claim => claim.session.id === sessionId && isLive(claim, asOf))
  const labels = [...new Set(live.map(({ label }) => label))]
  if (labels.length === 0) return { overlaps: [], maybeSame: [] }
  const scope = labels.length > LABELS_SEARCHED_MAX ? ({ whole: true } as const) : { guarded: labels }
  return nearMine(await store.read(scope, sessionId, deadline), sessionId)
}

/** The answer of a list to one session, made from a snapshot. */
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
    coClaims: viewOf(snapshot, sessionId).coClaims,
    ...nearMine(snapshot, sessionId),
  }
}

export interface ListInput {
  /** Only this session's claims. */
  readonly mine?: boolean
  /** Only labels of this kind. */
  readonly kind?: string
  /** Only this many of the claims that were made or extended last, at most 500. */
  readonly latest?: number
}

/** The limit for `latest`. */
const LATEST_MAX = 500

export async function listCall(
  { store, session, kinds, deadline }: CallContext,
  { mine = false, kind, latest }: ListInput,
): Promise<Outcome<Listed>> {
  const checked = kind === undefined ? undefined : parseKind(kind, kinds)
  if (checked && !checked.ok) return checked
  const scope = checked
    ? { kind: checked.value }
    : mine
      ? { mine }
      : latest
        ? { latest: Math.min(latest, LATEST_MAX) }
        : { whole: true as const }
  return { ok: true, ...(await list(store, session.id, scope, mine, deadline())) }
}
