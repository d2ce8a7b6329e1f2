import type { Call } from './call.ts'

/** A violation of a guarantee in a history. */
export interface Finding {
  readonly rule: string
  readonly guarantee: string
  readonly message: string
  readonly proof: readonly Call[]
}

export interface Verdict {
  readonly findings: readonly Finding[]
  /**
   * Gaps because of which the history proves nothing: verbs without an answer, planned faults that never
   * happened.
   */
  readonly gaps: readonly string[]
  readonly counts: {
    readonly verbs: Readonly<Record<string, Tally>>
    readonly faults: Readonly<Record<string, number>>
  }
}

export interface Tally {
  readonly ok: number
  readonly refused: number
  readonly fault: number
  readonly queued: number
  readonly unknown: number
}
