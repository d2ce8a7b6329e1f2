import type { Call } from '../call.ts'
import { EXCLUSIVE_VERBS } from '../tracks.ts'
import type { Rule } from './rule.ts'

/**
 * A waiter that looks at the board at least this often, in milliseconds, keeps its place. The board's limit
 * is 6 s.
 */
const LOOKS_MS_MAX = 1_500

/**
 * Sessions in the wait queue are granted an exclusive claim in order, and before a session that doesn't wait.
 */
export const turns: Rule = {
  name: 'first-come-first-served',
  guarantee: 'G4',
  *judge({ history }) {
    const waits = history.calls.filter(call => call.verb === 'wait' && call.waits.length > 0)
    for (const later of history.calls) {
      const { claim, isNew } = later.answer
      if (!EXCLUSIVE_VERBS.has(later.verb) || later.verb === 'steal' || later.outcome !== 'ok') continue
      if (!claim || !isNew) continue
      for (const first of waits)
        if (first.session !== later.session && first.label === later.label && cameFirst(first, later))
          yield {
            message: `${later.session} was granted ${later.label} before ${first.session}, which had waited for it longer`,
            proof: [first, later],
          }
    }
  },
}

/**
 * Whether `first` was in the queue before `later` started,
 * and kept looking until `later` was granted the label.
 */
function cameFirst(first: Call, later: Call): boolean {
  const [entered] = first.waits.filter(({ fault }) => !fault)
  if (!entered || entered.at >= later.start || first.end <= later.end) return false
  if (first.outcome === 'fault' || first.outcome === 'unknown') return false
  const looks = first.waits.filter(({ fault }) => !fault).map(({ at }) => at)
  const known = [...looks, first.end].filter(at => at <= later.end + LOOKS_MS_MAX)
  if ((known.at(-1) ?? 0) < later.end) return false
  return known.every((at, index) => index === 0 || at - (known[index - 1] ?? 0) < LOOKS_MS_MAX)
}
