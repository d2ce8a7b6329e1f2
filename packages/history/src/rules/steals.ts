import type { Call } from '../call.ts'
import { claimsIn } from '../history.ts'
import type { Rule } from './rule.ts'

/** A steal that took effect is in the board's log once, with its reason, even if its answer was lost. */
export const steals: Rule = {
  name: 'steal-is-recorded',
  guarantee: 'G5',
  *judge({ history }) {
    const logs = history.calls.filter(
      call => call.verb === 'log' && call.outcome === 'ok' && !call.answer.more,
    )
    for (const label of history.labels) {
      const log = logs.findLast(call => call.label === label)
      if (!log) continue
      const recorded = (log.answer.events ?? []).filter(({ event }) => event === 'steal')
      for (const event of recorded)
        if (history.call(event.note ?? '')?.verb !== 'steal')
          yield {
            message: `the log has a steal of ${label} that no session made: ${event.note}`,
            proof: [log],
          }
      for (const [steal, shown] of effective(history.calls, label)) {
        const times = recorded.filter(({ note }) => note === steal.id).length
        if (times === 1 || steal.start > log.start) continue
        yield {
          message: `${steal.session} stole ${label}, which is in the log ${times === 0 ? 'not at all' : `${times} times`}`,
          proof: [...new Set([steal, shown, log])],
        }
      }
    }
  },
}

/** Steals of a label that took effect, each with the call that shows it. */
function effective(calls: readonly Call[], label: string): ReadonlyMap<Call, Call> {
  const steals = new Map(
    calls.flatMap(call => (call.verb === 'steal' && call.label === label ? [[call.id, call]] : [])),
  )
  const found = new Map<Call, Call>()
  for (const call of calls)
    for (const claim of claimsIn(call)) {
      const steal = steals.get(claim.purpose)
      if (steal && claim.label === label && claim.token !== undefined && !found.has(steal))
        found.set(steal, call)
    }
  return found
}

/**
 * If the answer to a call was cut and the call was sent again, its second answer must not say that another call
 * was faster.
 */
export const madeOnce: Rule = {
  name: 'made-once',
  guarantee: 'G2',
  *judge({ history }) {
    const noted = new Map(
      history.calls.flatMap(log =>
        log.verb === 'log' ? (log.answer.events ?? []).map(({ note }) => [note, log] as const) : [],
      ),
    )
    for (const call of history.calls) {
      const { holders = [], resolved } = call.answer
      if (call.verb === 'steal' && holders.some(({ purpose }) => purpose === call.id))
        yield {
          message: `${call.session} was refused a steal because of the claim that it made`,
          proof: [call],
        }
      const log = noted.get(call.id)
      if (call.verb === 'resolve' && log && resolved?.length === 0)
        yield {
          message: `${call.session} was told that it cleared nothing, and the log has it`,
          proof: [call, log],
        }
    }
  },
}

/** Resolving clears only lapsed claims, and cleared claims are not shown as lapsed again. */
export const resolves: Rule = {
  name: 'resolved-is-cleared',
  guarantee: 'G5',
  *judge({ history }) {
    const cleared = new Map<string, Call>()
    const reads = history.calls.filter(call => call.answer.lapsed)
    for (const call of history.calls) {
      if (call.verb !== 'resolve' || call.outcome !== 'ok') continue
      for (const claim of call.answer.resolved ?? []) {
        if (call.answer.asOf !== undefined && claim.expiresAt > call.answer.asOf)
          yield {
            message: `the live claim of ${claim.session} on ${claim.label} was resolved`,
            proof: [call],
          }
        cleared.set(keyOf(claim), call)
      }
    }
    for (const read of reads)
      for (const claim of read.answer.lapsed ?? []) {
        const call = cleared.get(keyOf(claim))
        if (call && call.end < read.start)
          yield {
            message: `the claim of ${claim.session} on ${claim.label} is shown as lapsed after it was resolved`,
            proof: [call, read],
          }
      }
  },
}

function keyOf(claim: {
  session: string
  label: string
  token?: number | undefined
  claimedAt: number
}): string {
  return [claim.session, claim.label, claim.token, claim.claimedAt].join('\0')
}
