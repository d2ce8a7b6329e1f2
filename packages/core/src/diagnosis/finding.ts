import { PresenceError } from '../domain/fault.ts'
import type { Probe } from '../store/probe.ts'

/** What a check found, about one thing. */
export interface Finding {
  /** What was looked at, in a word: `board`, `schema`, `grants`, … */
  readonly check: string
  /** `note`: it works, and may not be what you want. `broken`: something that presence promises does not hold. */
  readonly status: 'ok' | 'note' | 'broken'
  readonly message: string
  /** What mends it. Every finding that isn't ok has one. */
  readonly remedy?: string
}

export function ok(check: string, message: string): Finding {
  return { check, status: 'ok', message }
}

export function note(check: string, message: string, remedy: string): Finding {
  return { check, status: 'note', message, remedy }
}

export function broken(check: string, message: string, remedy: string): Finding {
  return { check, status: 'broken', message, remedy }
}

/** A fault as a finding. What isn't a fault of the board is a mistake in presence, and no reason to hide the rest. */
export function brokenBy(check: string, error: unknown): Finding {
  if (error instanceof PresenceError) return broken(check, error.message, error.remedy)
  const message = error instanceof Error ? error.message : String(error)
  return broken(check, `this check failed: ${message}`, 'report it with this message')
}

/** The findings on an answer, or that there was none. */
export function findingsOn<T>(
  check: string,
  asked: Probe<T>,
  judge: (value: T) => readonly Finding[],
): readonly Finding[] {
  return 'value' in asked ? judge(asked.value) : [brokenBy(check, asked.fault)]
}
