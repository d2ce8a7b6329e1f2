import { type Claim, idleSince, type Listed, neverExpires } from '@presence/core'
import { fnv1a, isObject, objectIn } from '@presence/core/internal'

/** What an agent was told of others' claims: later it is told only what changed since. */
export interface Known {
  /** The database's time of the read that it was told of, in milliseconds. */
  readonly at: number
  /** The same for the last read at which something had changed. */
  readonly since: number
  /** True if the board had more claims than were read, so that it was told only their number. */
  readonly more: boolean
  readonly claims: readonly Seen[]
}

/** A claim that an agent was told of. */
interface Seen {
  readonly label: string
  readonly session: string
  readonly expiresAt: number
  /** Differs if the claim is not the same any more, apart from its end. */
  readonly mark: string
}

/** What is recorded for a session: what its agent knows, or since when (in milliseconds) it has known nothing. */
export type Recalled = Known | { readonly unknownSince: number }

export function isKnown(recalled: Recalled | undefined): recalled is Known {
  return recalled !== undefined && 'claims' in recalled
}

/** The key of another session's claim. */
export function keyOf(label: string, session: string): string {
  return JSON.stringify([label, session])
}

/** What an agent knows that was told of the whole board. */
export function allKnown(listed: Listed, me: string): Known {
  const { asOf, moreClaims = 0 } = listed
  const at = asOf.getTime()
  return {
    at,
    since: at,
    more: moreClaims > 0,
    claims: othersIn(listed, me).map(claim => seen(claim, asOf)),
  }
}

export interface Changes {
  readonly added: readonly Claim[]
  readonly changed: readonly Claim[]
  readonly ended: readonly Seen[]
  /** What the agent knows after it was told of these changes. */
  readonly known: Known
}

/** The claims of others that are new, different or gone since an agent was told of the board. */
export function changesIn(listed: Listed, me: string, before: Known): Changes {
  const others = othersIn(listed, me)
  const now = allKnown(listed, me)
  const known = new Map(before.claims.map(each => [keyOf(each.label, each.session), each]))
  const live = new Set(now.claims.map(each => keyOf(each.label, each.session)))
  const knownOf = ({ label, session }: Claim) => known.get(keyOf(label, session.id))
  const added = others.filter(claim => !knownOf(claim) && !wasCounted(claim, before))
  const changed = others.filter(claim => {
    const earlier = knownOf(claim)
    return earlier !== undefined && earlier.mark !== seen(claim, listed.asOf).mark
  })
  const missing = before.claims.filter(({ label, session }) => !live.has(keyOf(label, session)))
  const readFrom = now.more ? leastRead(others) : 0
  const ended = missing.filter(({ expiresAt }) => expiresAt > readFrom)
  const isSame = added.length + changed.length + ended.length === 0
  // A claim that is missing although it may stand: more claims were extended since than are read.
  const unsure = missing.filter(each => !ended.includes(each)).slice(0, UNSURE_MAX)
  return {
    added,
    changed,
    ended,
    known: { ...now, since: isSame ? before.since : now.at, claims: [...now.claims, ...unsure] },
  }
}

const UNSURE_MAX = 200
/** A claim may be committed a moment after the time that it has. In milliseconds. */
const COMMITTED_WITHIN_MS = 5_000

/** True if the claim stood already when the agent was told only how many more there are. */
function wasCounted({ claimedAt }: Claim, before: Known): boolean {
  return before.more && claimedAt.getTime() < before.at - COMMITTED_WITHIN_MS
}

/**
 * If not all claims were read, those with the latest expiries were, of the shared and of the exclusive ones: every
 * claim that expires later than this was among them.
 */
function leastRead(others: readonly Claim[]): number {
  const least = (claims: readonly Claim[]) =>
    claims.reduce((first, { expiresAt }) => Math.min(first, expiresAt.getTime()), Number.POSITIVE_INFINITY)
  const [shared, exclusive] = [
    others.filter(({ token }) => token === undefined),
    others.filter(({ token }) => token !== undefined),
  ].map(claims => (claims.length > 0 ? least(claims) : 0))
  return Math.max(shared ?? 0, exclusive ?? 0)
}

export function othersIn({ claims }: Listed, me: string): readonly Claim[] {
  return claims.filter(({ session }) => session.id !== me)
}

function seen(claim: Claim, asOf: Date): Seen {
  const { label, session, purpose, claimedAt, expiresAt, token } = claim
  const isIdle = idleSince(claim, asOf) !== undefined
  const mark = fnv1a(JSON.stringify([purpose, claimedAt.getTime(), token, neverExpires(claim), isIdle]))
  return { label, session: session.id, expiresAt: expiresAt.getTime(), mark }
}

/** As text for a file. */
export function textOf(recalled: Recalled, me: string, reader: string): string {
  if (!isKnown(recalled)) return JSON.stringify({ me, reader, ...recalled })
  const claims = recalled.claims.map(({ label, session, expiresAt, mark }) => [
    label,
    session,
    expiresAt,
    mark,
  ])
  return JSON.stringify({ me, reader, ...recalled, claims })
}

/** Reads a text of `textOf`; undefined if it is damaged, or another session's or reader's. */
export function recalledIn(text: string | undefined, me: string, reader: string): Recalled | undefined {
  const found = objectIn(text ?? '')
  if (!isObject(found) || found['me'] !== me || found['reader'] !== reader) return undefined
  const { at, since, more, claims, unknownSince } = found
  if (typeof unknownSince === 'number') return { unknownSince }
  if (typeof at !== 'number' || typeof since !== 'number' || typeof more !== 'boolean') return undefined
  if (!Array.isArray(claims)) return undefined
  const read = claims.map(seenIn)
  return read.includes(undefined)
    ? undefined
    : { at, since, more, claims: read.filter(each => each !== undefined) }
}

function seenIn(row: unknown): Seen | undefined {
  const [label, session, expiresAt, mark] = Array.isArray(row) ? row : []
  return typeof label === 'string' &&
    typeof session === 'string' &&
    typeof expiresAt === 'number' &&
    typeof mark === 'string'
    ? { label, session, expiresAt, mark }
    : undefined
}
