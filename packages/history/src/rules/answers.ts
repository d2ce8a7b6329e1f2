import type { Call } from '../call.ts'
import type { History } from '../history.ts'
import type { Rule } from './rule.ts'

/** A process that was asked just before a server stopped may still be answered. */
const MARGIN_MS = 50
/** Calls that may succeed without the board: a sync with an empty outbox, and a run. */
const LOCAL = new Set(['sync', 'run'])

/** While the board can't answer, no call gets an answer: an unknown board is never shown as empty. */
export const outage: Rule = {
  name: 'unknown-is-not-empty',
  guarantee: 'G6',
  *judge({ history }) {
    for (const fault of history.faults) {
      if (!fault.down) continue
      const [from, until] = [fault.down[0] + MARGIN_MS, fault.down[1] - MARGIN_MS]
      for (const call of history.calls) {
        if (call.start < from || call.end > until || LOCAL.has(call.verb)) continue
        if (call.outcome !== 'ok' && call.outcome !== 'refused') continue
        yield {
          message: `${call.verb} was answered while the board was out of reach (${fault.kind})`,
          proof: [call],
        }
      }
    }
  },
}

/** How much longer a call may take on a busy machine, in milliseconds. */
const ROOM_MS = 4_000
/** How long a command may take to start, and to end when it can't release its claims, in milliseconds. */
const COMMAND_MS = 8_000

/**
 * Every call ends within its deadline. The time of a wait, and time for which the process was stopped, don't
 * count.
 */
export const deadlines: Rule = {
  name: 'ends-in-time',
  guarantee: 'G7',
  *judge({ history }) {
    const { deadlineMs } = history.run
    for (const call of history.calls) {
      const limit = deadlineMs + ROOM_MS + (call.args.waitMs ?? 0) + (call.verb === 'run' ? COMMAND_MS : 0)
      const until = Math.min(call.end, history.processes.get(call.process)?.until ?? call.end)
      const took = until - call.start - stoppedFor(call, until, history)
      if (took > limit)
        yield {
          message: `${call.verb} took ${Math.round(took)} ms; its deadline is ${deadlineMs} ms, and ${limit} ms with the allowance for a busy machine`,
          proof: [call],
        }
    }
  },
}

function stoppedFor(call: Call, until: number, history: History): number {
  return history.faults
    .filter(fault => fault.kind === 'freeze-client' && fault.target === call.process)
    .reduce(
      (sum, fault) => sum + Math.max(0, Math.min(until, fault.until) - Math.max(call.start, fault.at)),
      0,
    )
}

/** A shared run always runs its command, and an exclusive one only with a token. */
export const runs: Rule = {
  name: 'run-runs',
  guarantee: 'G7',
  *judge({ history }) {
    for (const call of history.calls) {
      if (call.verb !== 'run' || call.outcome === 'unknown') continue
      const { started = false, status, token } = call.answer
      if (started && call.args.exclusive && token === undefined)
        yield {
          message: `an exclusive run on ${call.label} started its command without a token`,
          proof: [call],
        }
      if (!started && !call.args.exclusive && call.outcome !== 'refused')
        yield {
          message: `a run on ${call.label} ended with ${status} and never started its command`,
          proof: [call],
        }
    }
  },
}

/** How far two clocks of one machine may differ after an adjustment, in milliseconds. */
const SLACK_MS = 250

/** Times are the database's. They never go back, and the time of a new claim is within its call. */
export const oneClock: Rule = {
  name: 'one-clock',
  guarantee: 'G8',
  *judge({ history }) {
    const timed = history.calls
      .filter(call => call.answer.asOf !== undefined && Number.isFinite(call.end))
      .sort((a, b) => a.from - b.from)
    const byEnd = [...timed].sort((a, b) => a.end - b.end)
    let at = 0
    let latest: Call | undefined
    for (const call of timed) {
      for (let next = byEnd[at]; next && next.end < call.from; next = byEnd[++at])
        if ((next.answer.asOf ?? 0) > (latest?.answer.asOf ?? 0)) latest = next
      if (latest && (latest.answer.asOf ?? 0) > (call.answer.asOf ?? 0) + SLACK_MS)
        yield { message: `the board's time went back between two calls`, proof: [latest, call] }
    }
    for (const call of history.calls) {
      const { claim, isNew } = call.answer
      if (call.outcome !== 'ok' || !claim || !isNew || call.verb === 'claim') continue
      const early = claim.claimedAt < history.clock.low(call.start) - SLACK_MS
      if (early || claim.claimedAt > history.clock.high(call.end) + SLACK_MS)
        yield {
          message: `the claimedAt of a new claim on ${claim.label} is not between the start and the end of its call`,
          proof: [call],
        }
    }
  },
}
