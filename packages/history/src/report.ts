import type { Call } from './call.ts'
import type { Tally, Verdict } from './verdict.ts'

/** A verdict in words, for a terminal. */
export function reportOf({ findings, gaps, counts }: Verdict): string {
  const lines: string[] = []
  for (const { rule, guarantee, message, proof } of findings) {
    lines.push(`VIOLATION ${guarantee} ${rule}: ${message}`)
    for (const call of proof) lines.push(`  ${callText(call)}`)
  }
  for (const gap of gaps) lines.push(`TOO LITTLE: ${gap}`)
  for (const [verb, tally] of Object.entries(counts.verbs).sort())
    lines.push(`${verb.padEnd(18)} ${tallyText(tally)}`)
  for (const [kind, times] of Object.entries(counts.faults).sort())
    lines.push(`fault ${kind.padEnd(18)} ${times}`)
  const calls = Object.values(counts.verbs).reduce(
    (sum, tally) => sum + Object.values(tally).reduce((a, b) => a + b, 0),
    0,
  )
  const faults = Object.values(counts.faults).reduce((sum, times) => sum + times, 0)
  const verdict = findings.length > 0 ? 'BROKEN' : gaps.length > 0 ? 'TOO LITTLE TO TELL' : 'HOLDS'
  lines.push(`${verdict}: ${findings.length} violations in ${calls} calls under ${faults} faults`)
  return lines.join('\n')
}

function tallyText(tally: Tally): string {
  return Object.entries(tally)
    .filter(([, times]) => times > 0)
    .map(([outcome, times]) => `${times} ${outcome}`)
    .join(', ')
}

/** How much of an answer is shown. */
const ANSWER_MAX = 600

function callText({ id, session, verb, args, start, end, outcome, answer }: Call): string {
  const period = `${start.toFixed(1)}–${Number.isFinite(end) ? end.toFixed(1) : 'never ended'}`
  return `${period} ${session} ${verb} ${JSON.stringify(args)} as ${id}: ${outcome} ${JSON.stringify(answer).slice(0, ANSWER_MAX)}`
}
