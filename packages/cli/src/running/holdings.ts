import type { Claim, Outcome, PresenceError } from '@presence/core'

/** What a run is held up by while it waits for a label. */
export interface Waiting {
  /** What is left of the time that may be waited. */
  remainingMs(): number
  /** Fires when nobody wants to wait any longer. */
  readonly signal: AbortSignal
  /** Says who is in the way, or that nobody can tell: once each, and again after a minute. */
  tell(label: string, holders: readonly Claim[], ahead?: number, fault?: PresenceError): void
}

/** The claims of a run: shared ones or leases. */
export interface Holdings {
  /** Takes a label, and keeps it alive from then on. @throws PresenceError where the run can't go on without an answer */
  take(label: string, waiting: Waiting): Promise<Outcome<object>>
  /** What the command finds in its environment about them, beside what stands there. */
  env(outer: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>>
  /** Gives back what was taken, and nothing that another process of the session claimed. Says what could not be; throws nothing. */
  release(): Promise<void>
}

/** What a session held before a run, by label. */
export type Before = ReadonlyMap<string, readonly Claim[]>

export function beforeOf(claims: readonly Claim[]): Before {
  return Map.groupBy(claims, ({ label }) => label)
}
