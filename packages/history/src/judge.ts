import { coverageOf } from './coverage.ts'
import type { Line } from './format.ts'
import { type Call, History } from './history.ts'
import { RULES } from './rules/index.ts'
import { Tracks } from './tracks.ts'

export type { Line } from './format.ts'
export { readHistory } from './read.ts'

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
   * What the history lacks to prove anything: verbs without an answer, planned faults that never happened.
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

/** How many findings of one rule are shown. A single fault often breaks hundreds of answers. */
const SHOWN_MAX = 5

/** Judges a recorded history by the rules of packages/history/README.md. */
export function judge(lines: readonly Line[]): Verdict {
  const history = new History(lines)
  const evidence = { history, tracks: new Tracks(history) }
  const findings: Finding[] = []
  for (const { name, guarantee, judge } of RULES) {
    let found = 0
    for (const { message, proof } of judge(evidence)) {
      found++
      if (found <= SHOWN_MAX) findings.push({ rule: name, guarantee, message, proof })
    }
    if (found > SHOWN_MAX)
      findings.push({ rule: name, guarantee, message: `and ${found - SHOWN_MAX} more like these`, proof: [] })
  }
  return { findings, ...coverageOf(history) }
}
