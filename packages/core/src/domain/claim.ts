import type { Session } from './session.ts'

/** One session on one label, as the board stores it. */
export interface Claim {
  /**
   * The label's text as stored. A client of the 8-column table, which presence took over from an earlier
   * tool, may have written a label that `parseLabel` would refuse.
   */
  readonly label: string
  /** The session that made the claim. */
  readonly session: Session
  /** What the session changes, and why. */
  readonly purpose: string
  /** The database's time of the claim. A heartbeat doesn't change it. */
  readonly claimedAt: Date
  /**
   * The database's time at which the claim expires without another heartbeat. For a claim that never expires,
   * see {@link neverExpires}.
   */
  readonly expiresAt: Date
  /** How long the claim lives without a heartbeat, in seconds. 0 if it never expires. */
  readonly ttlSeconds: number
  /**
   * When an earlier claim of this session on the label lapsed, if this claim replaced it and the session was
   * not told yet.
   */
  readonly lapsedAt: Date | undefined
  /**
   * The fencing token of an exclusive claim: the next holder of the label gets a higher one. Undefined for a
   * shared claim.
   */
  readonly token: number | undefined
  /** When the session last took or extended an exclusive claim, if that is known. */
  readonly activeAt?: Date
  /** Set if the claim ended without a release by its session and no longer has its own row on the board. */
  readonly ended?: Ended
  /** Set if the guard made the claim, for a command that was about to run. */
  readonly automatic?: Automatic
}

/** The command of a claim that the guard made. */
export interface Automatic {
  /** The command in short, such as `kubectl drain k8s-1`. If one failed, that one, else the latest. */
  readonly command: string
  /**
   * How the command ended, or `ended` if its agent reported only that it ended. Undefined: it is running, or its end
   * was not seen.
   */
  readonly outcome: 'succeeded' | 'failed' | 'ended' | undefined
  /** Its exit status, if it was reported. */
  readonly exitStatus: number | undefined
}

/** How a claim ended that its session did not release. */
export interface Ended {
  /**
   * `expired`: it lapsed, and another claim has since taken its place. `stolen`: it was taken while it was
   * live. `resolved`: it had lapsed, and another session cleared it.
   */
  readonly how: 'expired' | 'stolen' | 'resolved'
  /** The database's time of the end. */
  readonly at: Date
  /** The session that stole or resolved it. */
  readonly by: string | undefined
  /** The reason that this session gave. */
  readonly note: string | undefined
}

/** The result of a store's read: claims, and the database's own time at the read. */
export interface Snapshot {
  readonly asOf: Date
  /** The oldest first. */
  readonly claims: readonly Claim[]
  /**
   * The number of live claims, counted up to `LIVE_COUNTED_MAX`. Only present if not all claims were
   * requested.
   */
  readonly live?: number
}

/**
 * Whether a claim has not expired.
 *
 * @param claim - a claim from any answer
 * @param asOf - the `asOf` of the answer: the database's time, which this host's clock may not agree with
 *
 * @example
 * ```ts
 * const said = await board.peek('node:k8s-1')
 * if (said.ok) console.log(said.claims.every(claim => isLive(claim, said.asOf)))
 * ```
 */
export function isLive(claim: Claim, asOf: Date): boolean {
  return claim.expiresAt > asOf
}

/**
 * Whether a claim lives until it is released or stolen. Only an exclusive claim can: its ttl is then 0.
 *
 * @example
 * ```ts
 * const said = await board.peek('node:k8s-1')
 * if (said.ok)
 *   for (const claim of said.claims)
 *     console.log(neverExpires(claim) ? 'it never expires' : claim.expiresAt.toISOString())
 * ```
 */
export function neverExpires({ token, ttlSeconds, ended }: Claim): boolean {
  return token !== undefined && ttlSeconds === 0 && ended === undefined
}

/**
 * Identifies a claim: session, label and mode. A board has at most one claim for each such key. Claims that
 * ended without a release and no longer have a row of their own have one key each.
 */
function keyOf(claim: Claim): string {
  if (claim.ended) return endedKeyOf(claim)
  return claim.token === undefined ? `${claim.session.id}\0${claim.label}\0` : exclusiveKeyOf(claim)
}

/** The key of the same claim once it has ended without a release. */
function endedKeyOf({ session, label, token, claimedAt }: Claim): string {
  return `${session.id}\0${label}\0${token === undefined ? '' : 'exclusive'}\0${claimedAt.getTime()}`
}

/** Whether the claim expired without being released, stolen or resolved. Its work may be half done. */
export function isLapsed(claim: Claim, asOf: Date): boolean {
  return !isLive(claim, asOf) && (claim.ended === undefined || claim.ended.how === 'expired')
}

/**
 * Whether an automatic claim ended as it should: its command succeeded, so it leaves nothing behind that others would
 * have to be told of.
 */
export function isOverQuietly({ automatic }: Claim): boolean {
  return automatic?.outcome === 'succeeded' || automatic?.outcome === 'ended'
}

/**
 * Whether a claim is exclusive, so that it has a fencing token.
 *
 * @example
 * ```ts
 * const said = await board.peek('node:k8s-1')
 * if (said.ok) for (const claim of said.claims.filter(isExclusive)) console.log(claim.token)
 * ```
 */
export function isExclusive(claim: Claim): claim is Claim & { readonly token: number } {
  return claim.token !== undefined
}

/**
 * Builds a snapshot from what a read found. A claim that was found twice is in it once. An automatic claim that ended
 * after its command succeeded is left out. A shared claim beside a live exclusive claim of the same session is left out: it stays on the board, and counts again once the
 * exclusive one has ended.
 *
 * @param whole a label on which nothing is left out
 * @param live the number of live claims, if not all were read
 */
export function snapshotOf(
  asOf: Date,
  found: readonly Claim[],
  { whole, live }: { readonly whole?: string | undefined; readonly live?: number | undefined } = {},
): Snapshot {
  const byKey = new Map(found.map(claim => [keyOf(claim), claim]))
  const isHidden = (claim: Claim) => {
    if (!isLive(claim, asOf) && isOverQuietly(claim)) return true
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

/**
 * The oldest first. Claims of the same millisecond are sorted by session and label, so that every reader sees
 * the same order.
 */
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

/**
 * A moment from a store. An invalid timestamp, which a client of the 8-column table may have written, becomes
 * the epoch.
 */
export function momentOf(value: Date | number): Date {
  const moment = new Date(value)
  return Number.isNaN(moment.getTime()) ? new Date(0) : moment
}
