import { coverageOf } from './coverage.ts'
import type { Line } from './format.ts'
import { History } from './history.ts'
import { RULES } from './rules/index.ts'
import { Tracks } from './tracks.ts'
import type { Finding, Verdict } from './verdict.ts'

export type { Line } from './format.ts'
export { readHistory } from './read.ts'

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
