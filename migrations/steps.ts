/** The effect of a schema step on clients that were built before it. */
interface Step {
  /** The number at the start of the migration's file name. */
  readonly step: number
  /**
   * The oldest client version that may use a board with this step. A step that only adds repeats the number
   * of the step before it. A step that older clients must not miss names its own number, or an earlier one
   * that already knows it.
   */
  readonly oldestClient: number
}

/**
 * Every step, in order. A board stores both numbers: its version is its newest step, and a client of version
 * C may use it if `oldestClient` ≤ C ≤ version. Clients up to version 5 accept exactly one version, so each
 * step locked out all older clients. So does step 6, the first one that stores `oldestClient`.
 */
export const STEPS: readonly Step[] = [
  { step: 0, oldestClient: 0 },
  { step: 1, oldestClient: 1 },
  { step: 2, oldestClient: 2 },
  { step: 3, oldestClient: 3 },
  { step: 4, oldestClient: 4 },
  { step: 5, oldestClient: 5 },
  { step: 6, oldestClient: 6 },
  // An older client deletes claims that its sibling processes
  // were told about, and doesn't know tentative claims.
  { step: 7, oldestClient: 7 },
  // Adds columns to a table that older clients go on writing without them.
  { step: 8, oldestClient: 7 },
  // Adds a table that only presence servers use.
  { step: 9, oldestClient: 7 },
  // Adds the commands of the guard, and columns for the claims that the guard makes. An older client treats such a
  // claim as one made by hand: its heartbeats also extend it after its command is over, and it shows it as lapsed
  // although the command succeeded. Neither breaks a guarantee. What it claims by hand itself is never shortened,
  // because its purpose is not the command's.
  { step: 10, oldestClient: 7 },
]
