import { type Claim, isExclusive } from './claim.ts'
import { LOCK_STALE_SECONDS } from './limits.ts'
import { lastContact } from './seen.ts'

/** The exclusive claim on a label, as the board has it. */
export interface Lock {
  /** The last token that was given out. */
  readonly token: number
  /** What it was taken with: whose claim it is. */
  readonly nonce: string
  /** It was taken although others held shared claims. */
  readonly overShared: boolean
  /** Taken, but its taker has not read yet whether others hold the label. Nobody was told that it is held. */
  readonly tentative: boolean
  /** Who holds it, or whose claim on it lapsed; undefined where it was released. */
  readonly claim: Claim | undefined
  /** How many wait for it, before the one that asks. */
  readonly ahead: number
  /** The database's now that it was read at. */
  readonly asOf: Date
}

/** When the session of an exclusive claim last did anything about it: took it, asked for it again, or sent a heartbeat. */
export function lastActive(claim: Claim, asOf: Date): Date {
  return lastContact(claim, asOf)
}

/** Has its session left it alone for so long that another may take it away? At exactly 2 h it has. */
export function isAbandoned(claim: Claim, asOf: Date): boolean {
  return asOf.getTime() - lastActive(claim, asOf).getTime() >= LOCK_STALE_SECONDS * 1_000
}

/** Since when an exclusive claim is left alone, where that is long enough that its session may be gone; else undefined. */
export function leftAloneSince(claim: Claim, asOf: Date): Date | undefined {
  return isExclusive(claim) && isAbandoned(claim, asOf) ? lastActive(claim, asOf) : undefined
}
