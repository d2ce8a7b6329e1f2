import type { Outcome } from './call.ts'
import type { History } from './history.ts'
import type { Verdict } from './verdict.ts'

/** A run with fewer answered calls per second than this, over all workers, did too little. */
const CALLS_A_SECOND_MIN = 3

/** Counts what a history contains, and lists what it lacks: a run that did too little proves nothing. */
export function coverageOf({ calls, faults, run }: History): Pick<Verdict, 'gaps' | 'counts'> {
  const verbs: Record<string, Record<Outcome, number>> = {}
  for (const { verb, outcome } of calls) {
    verbs[verb] ??= { ok: 0, refused: 0, fault: 0, queued: 0, unknown: 0 }
    verbs[verb][outcome]++
  }
  const kinds: Record<string, number> = {}
  for (const { kind } of faults) kinds[kind] = (kinds[kind] ?? 0) + 1
  const answered = calls.filter(({ outcome }) => outcome === 'ok' || outcome === 'refused').length
  const least = Math.round(run.seconds * CALLS_A_SECOND_MIN)
  const gaps = [
    ...run.verbs
      .filter(verb => !verbs[verb]?.ok && !verbs[verb]?.refused)
      .map(verb => `${verb} was never answered`),
    ...run.faults.filter(kind => !kinds[kind]).map(kind => `the fault ${kind} never happened`),
    ...(answered < least
      ? [`only ${answered} calls were answered; a run of ${run.seconds} s needs ${least}`]
      : []),
  ]
  return { gaps, counts: { verbs, faults: kinds } }
}
