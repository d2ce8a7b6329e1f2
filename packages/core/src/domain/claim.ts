import type { Session } from './session.ts'

/** One session on one label, as the board holds it. */
export interface Claim {
  /** The label's text as stored: a client of the old table may have written one that `parseLabel` would refuse. */
  readonly label: string
  readonly session: Session
  readonly purpose: string
  readonly claimedAt: Date
  readonly expiresAt: Date
  readonly ttlSeconds: number
  /** When this session's earlier claim on the label had expired, if this one took its place unheard of. */
  readonly lapsedAt: Date | undefined
  /** Undefined for a shared claim. An exclusive one's fencing token: the next holder of the label has a higher one. */
  readonly token: number | undefined
  /** When an exclusive claim was last taken or extended by its session, where that is known. */
  readonly activeAt?: Date
  /** Set where it ended without its session's doing and no longer stands in its own place on the board. */
  readonly ended?: Ended
}

/** How a claim ended that its session did not release. */
export interface Ended {
  /** `expired`: another claim took its place since. `stolen`: while it lived. `resolved`: it had expired, and was cleared. */
  readonly how: 'expired' | 'stolen' | 'resolved'
  readonly at: Date
  /** The session that stole or resolved it. */
  readonly by: string | undefined
  /** Why, in that session's words. */
  readonly note: string | undefined
}

/** What a store read: claims, and the database's own now that they were read at. */
export interface Snapshot {
  readonly asOf: Date
  /** The oldest first. */
  readonly claims: readonly Claim[]
  /** How many claims live, counted up to `LIVE_COUNTED_MAX`; only where not all were asked for. */
  readonly live?: number
}

export function isLive(claim: Claim, asOf: Date): boolean {
  return claim.expiresAt > asOf
}

/** Does it live until it is released or stolen? Only an exclusive claim can: there its ttl of 0 says so. */
export function neverExpires({ token, ttlSeconds, ended }: Claim): boolean {
  return token !== undefined && ttlSeconds === 0 && ended === undefined
}

/** What a board holds once: a session on a label, in one mode; of what ended otherwise, one for each time. */
function keyOf(claim: Claim): string {
  if (claim.ended) return endedKeyOf(claim)
  return claim.token === undefined ? `${claim.session.id}\0${claim.label}\0` : exclusiveKeyOf(claim)
}

/** Under which the same claim stands once it has ended otherwise than by a release. */
function endedKeyOf({ session, label, token, claimedAt }: Claim): string {
  return `${session.id}\0${label}\0${token === undefined ? '' : 'exclusive'}\0${claimedAt.getTime()}`
}

/** Is it expired, and neither released, stolen nor resolved? What its session was about may be half done. */
export function isLapsed(claim: Claim, asOf: Date): boolean {
  return !isLive(claim, asOf) && (claim.ended === undefined || claim.ended.how === 'expired')
}

export function isExclusive(claim: Claim): claim is Claim & { readonly token: number } {
  return claim.token !== undefined
}

/**
 * A snapshot of what a read found: a claim found twice is in it once. A shared claim beside a live exclusive one of the same
 * session is left out: it stays on the board, and counts again once the exclusive one has ended.
 *
 * @param whole a label on which nothing is left out
 * @param live how many claims live, where not all were read
 */
export function snapshotOf(
  asOf: Date,
  found: readonly Claim[],
  { whole, live }: { readonly whole?: string | undefined; readonly live?: number | undefined } = {},
): Snapshot {
  const byKey = new Map(found.map(claim => [keyOf(claim), claim]))
  const isHidden = (claim: Claim) => {
    if (claim.ended || isExclusive(claim) || claim.label === whole) return false
    const exclusive = byKey.get(exclusiveKeyOf(claim))
    return exclusive !== undefined && isLive(exclusive, asOf)
  }
  const claims = [...byKey.values()].filter(claim => !isHidden(claim)).sort(byAge)
  return { asOf, claims, ...(live === undefined ? {} : { live }) }
}

function exclusiveKeyOf({ session, label }: Claim): string {
  return `${session.id}\0${label}\0exclusive`
}

/** The oldest first; those of one millisecond by session and label, so that every reader sees one order. */
function byAge(a: Claim, b: Claim): number {
  return (
    a.claimedAt.getTime() - b.claimedAt.getTime() ||
    order(a.session.id, b.session.id) ||
    order(a.label, b.label)
  )
}

function order(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

/** A moment as a store gave it. What is none, as an old client may have written, is the beginning of time. */
export function momentOf(value: Date | number): Date {
  const moment = new Date(value)
  return Number.isNaN(moment.getTime()) ? new Date(0) : moment
}
