import { type Claim, isExclusive } from './claim.ts'
import { LOCK_STALE_SECONDS } from './limits.ts'
import { lastContact } from './seen.ts'

/** The exclusive claim on a label, as the board stores it. */
export interface Lock {
  /** The last token that was issued. */
  readonly token: number
  /** The write key of the call that took it. It identifies the claim. */
  readonly writeKey: string
  /** Whether it was taken although others held shared claims. */
  readonly overShared: boolean
  /**
   * Whether it was taken, but its taker has not yet read whether others hold the label. Nobody was told that
   * it is held.
   */
  readonly tentative: boolean
  /** The holder's claim, live or lapsed. Undefined if it was released. */
  readonly claim: Claim | undefined
  /** How many sessions wait for it, ahead of the one that asks. */
  readonly ahead: number
  /** The database's time at the read. */
  readonly asOf: Date
}

/** When the session of an exclusive claim last took it, claimed it again, or sent a heartbeat. */
export function lastActive(claim: Claim, asOf: Date): Date {
  return lastContact(claim, asOf)
}

/**
 * Whether an exclusive claim is idle: its session has neither taken nor extended it for at least 2 h, so it may
 * have been forgotten.
 *
 * @param claim - an exclusive claim from any answer
 * @param asOf - the `asOf` of the answer
 *
 * @example
 * ```ts
 * const said = await board.peek('node:k8s-1')
 * if (said.ok)
 *   for (const claim of said.claims.filter(isExclusive))
 *     if (isIdle(claim, said.asOf)) console.log(`${claim.session.id} has not touched it for two hours`)
 * ```
 */
export function isIdle(claim: Claim, asOf: Date): boolean {
  return asOf.getTime() - lastActive(claim, asOf).getTime() >= LOCK_STALE_SECONDS * 1_000
}

/**
 * When the session last touched an idle exclusive claim. Undefined if the claim isn't idle, and for a shared
 * claim.
 *
 * @param claim - a claim from any answer
 * @param asOf - the `asOf` of the answer
 *
 * @example
 * ```ts
 * const said = await board.list()
 * if (said.ok) for (const claim of said.claims) console.log(claim.label, idleSince(claim, said.asOf))
 * ```
 */
export function idleSince(claim: Claim, asOf: Date): Date | undefined {
  return isExclusive(claim) && isIdle(claim, asOf) ? lastActive(claim, asOf) : undefined
}
