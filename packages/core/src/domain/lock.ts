import type { Claim } from './claim.ts'

/** The exclusive claim on a label, as the board has it. */
export interface Lock {
  /** The last token that was given out. */
  readonly token: number
  /** What its last write left: whoever wrote it is the one that it names. */
  readonly nonce: string
  /** Who holds it, or whose claim on it lapsed; undefined where it was released. */
  readonly claim: Claim | undefined
  /** How many wait for it, before the one that asks. */
  readonly ahead: number
  /** The database's now that it was read at. */
  readonly asOf: Date
}
