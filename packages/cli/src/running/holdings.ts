import type { Claim, Outcome, PresenceError } from '@presence/core'

/** How a run waits for a label. */
export interface Waiting {
  /** The time left to wait, in milliseconds. */
  remainingMs(): number
  /** Aborts when the wait is to end early. */
  readonly signal: AbortSignal
  /**
   * Reports the holders that the run waits for, or that the board doesn't answer: once each, and again after
   * a minute.
   */
  tell(label: string, holders: readonly Claim[], ahead?: number, fault?: PresenceError): void
}

/** The claims of a run: shared claims or leases. */
export interface Holdings {
  /**
   * Takes a label, and keeps it alive from then on.
   * @throws PresenceError if the run can't continue without an answer
   */
  take(label: string, waiting: Waiting): Promise<Outcome<object>>
  /** The variables that tell the command about its claims, to be added to `outer`. */
  env(outer: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>>
  /**
   * Releases what this run took, and nothing that another process of the session claimed. Reports what could
   * not be released; never throws.
   */
  release(): Promise<void>
}

/** The claims that a session held before a run, by label. */
export type Before = ReadonlyMap<string, readonly Claim[]>

export function beforeOf(claims: readonly Claim[]): Before {
  return Map.groupBy(claims, ({ label }) => label)
}
