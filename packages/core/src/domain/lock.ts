import type { Claim } from './claim.ts'

/** The exclusive claim on a label, as the board has it. */
export interface Lock {
  /** The last token that was given out. */
  readonly token: number
  /** What it was taken with: whose claim it is. */
  readonly nonce: string
  /** It was taken although others held shared claims. */
  readonly overShared: boolean
  /** Who holds it, or whose claim on it lapsed; undefined where it was released. */
  readonly claim: Claim | undefined
  /** How many wait for it, before the one that asks. */
  readonly ahead: number
  /** The database's now that it was read at. */
  readonly asOf: Date
}
