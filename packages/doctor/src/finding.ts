import { type FaultCode, isFault } from '@presence/core'
import type { Probe } from '@presence/core/internal'

/** The result of one check about one subject. */
export interface Finding {
  /** The subject in one word: `board`, `schema`, `grants`, … */
  readonly check: string
  /**
   * `note`: it works, but may not be what you want. `broken`: something that presence guarantees does not
   * hold.
   */
  readonly status: 'ok' | 'note' | 'broken'
  /** The result of the check, in one sentence. */
  readonly message: string
  /** How to fix it. Every finding that isn't `ok` has a remedy. */
  readonly remedy?: string
  /** The code of the fault that commands fail with for this reason. */
  readonly code?: FaultCode | undefined
}

export function ok(check: string, message: string): Finding {
  return { check, status: 'ok', message }
}

export function note(check: string, message: string, remedy: string): Finding {
  return { check, status: 'note', message, remedy }
}

export function broken(check: string, message: string, remedy: string, code?: FaultCode): Finding {
  return { check, status: 'broken', message, remedy, ...(code === undefined ? {} : { code }) }
}

/** The commands that do what the library's remedies say. */
const COMMANDS: Partial<Readonly<Record<FaultCode, string>>> = {
  unknown_database: ': presence migrate --create-database',
}

/**
 * Reports an error as a finding. An error that isn't a PresenceError is a bug in presence, and must not hide
 * the other findings.
 */
export function brokenBy(check: string, error: unknown): Finding {
  if (isFault(error))
    return broken(check, error.message, `${error.remedy}${COMMANDS[error.code] ?? ''}`, error.code)
  const message = error instanceof Error ? error.message : String(error)
  return broken(check, `this check failed: ${message}`, 'report it with this message')
}

/** What `judge` finds on a probed value, or the reason why it couldn't be read. */
export function findingsOn<T>(
  check: string,
  asked: Probe<T>,
  judge: (value: T) => Finding | readonly Finding[],
): readonly Finding[] {
  return 'value' in asked ? [judge(asked.value)].flat() : [brokenBy(check, asked.fault)]
}
