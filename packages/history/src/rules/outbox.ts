import type { Call } from '../call.ts'
import { claimsIn, type History, type Report } from '../history.ts'
import { mayRestore } from './gone.ts'
import type { Rule, Violation } from './rule.ts'

/**
 * How long after the answer of the delivering call a report may be recorded, in milliseconds. Leaves room for
 * a busy machine.
 */
const TOLD_MS = 5_000

/** Room for the rounding of clocks, in milliseconds. */
const CLOCK_MS = 2

/**
 * Each queued operation is done once or named as dropped. No operation is lost, done twice or made a dead
 * letter.
 */
export const outbox: Rule = {
  name: 'queued-is-done-once',
  guarantee: 'G7',
  *judge({ history }) {
    for (const home of new Set(history.calls.map(call => call.home))) {
      const queued = history.calls.filter(call => call.home === home && call.outcome === 'queued')
      const reports = history.reports.filter(report => report.home === home)
      yield* setAside(reports, history)
      yield* undelivered(queued, history)
      yield* tooMany(home, queued, reports, history)
      yield* lostClaims(queued, reports, history)
    }
    yield* claimedTwice(history)
  },
}

/** Every operation of a soak is valid, so none may become a dead letter. */
function* setAside(reports: readonly Report[], history: History): Iterable<Violation> {
  for (const { damaged } of reports)
    for (const line of damaged) {
      const call = history.calls.find(({ id }) => line.includes(`"${id}"`))
      yield {
        message: `an operation that could succeed became a dead letter: ${line.slice(0, 200)}`,
        proof: call ? [call] : [],
      }
    }
}

/** Judged only if all workers have ended, because until then operations may wait in the outbox. */
function* undelivered(queued: readonly Call[], { calls, processes }: History): Iterable<Violation> {
  const last = calls.findLast(call => call.verb === 'sync')
  if (!last) return
  for (const { process, until } of processes.values())
    if (process !== last.process && until > last.start && !process.startsWith('end-')) return
  for (const call of queued)
    if (call.effectEnd === Number.POSITIVE_INFINITY && call.end < last.start) {
      yield { message: `a queued ${call.verb} is still not delivered at the end`, proof: [call, last] }
      return
    }
}

/**
 * Finds more delivered operations than can have been queued.
 * Calls of killed processes may have been queued too.
 */
function* tooMany(
  home: string,
  queued: readonly Call[],
  reports: readonly Report[],
  { calls }: History,
): Iterable<Violation> {
  const done = reports.reduce((sum, report) => sum + report.done, 0)
  const unknown = calls.filter(call => call.home === home && call.outcome === 'unknown').length
  const runs = calls.filter(call => call.home === home && call.verb === 'run').length
  // A run queues at most a claim, its heartbeats and a release.
  const most = queued.length + unknown + 4 * runs
  if (done > most)
    yield {
      message: `${done} queued operations were done, and at most ${most} were queued`,
      proof: queued.slice(-3),
    }
}

/** A queued claim is in the board's log, or its session was told that it was dropped. */
function* lostClaims(
  queued: readonly Call[],
  reports: readonly Report[],
  history: History,
): Iterable<Violation> {
  const dropped = reports
    .flatMap(({ at, dropped: some }) => some.map(each => ({ ...each, at })))
    .sort((a, b) => (a.saidAt ?? a.at) - (b.saidAt ?? b.at))
  const seen = new Set(history.calls.flatMap(call => claimsIn(call).map(({ purpose }) => purpose)))
  // A drop may fit several calls. The call that ended first takes the earliest: so each gets one if that is possible.
  const claims = queued.filter(call => call.verb === 'claim').sort((a, b) => a.end - b.end)
  for (const call of claims) {
    const log = lastLog(history, call.label)
    if (!log || log.start < call.effectEnd || seen.has(call.id)) continue
    if (log.answer.events?.some(({ purpose }) => purpose === call.id)) continue
    const named = dropped.findIndex(each => isDropOf(each, call, history))
    if (named >= 0) {
      dropped.splice(named, 1)
      continue
    }
    // A process that ended meanwhile may have got the report without recording it.
    if (someoneEnded(call, history)) continue
    yield {
      message: `a queued claim on ${call.label} was neither made nor named as dropped`,
      proof: [call, log],
    }
  }
}

interface Dropped {
  readonly label: string
  readonly sessionId: string
  readonly saidAt?: number | undefined
  /** When it was reported. */
  readonly at: number
}

/**
 * Whether this drop is that of the call: compares the time
 * of queueing if it is recorded, else that of the report.
 */
function isDropOf({ label, sessionId, saidAt, at }: Dropped, call: Call, { processes }: History): boolean {
  if (label !== call.label || sessionId !== call.session) return false
  const offset = processes.get(call.process)?.wallOffset
  // Another process may deliver the operation before the call that queued it has ended.
  if (saidAt === undefined || offset === undefined) return at > call.start && at < call.effectEnd + TOLD_MS
  const queuedAt = saidAt - offset
  return queuedAt > call.start - CLOCK_MS && queuedAt < call.end + CLOCK_MS
}

function lastLog({ calls }: History, label: string | undefined): Call | undefined {
  return calls.findLast(
    call => call.verb === 'log' && call.label === label && call.outcome === 'ok' && !call.answer.more,
  )
}

/**
 * Whether a process ended, or a `run` ran, meanwhile.
 * A `run` also replays the outbox, but its report isn't recorded.
 */
function someoneEnded(queued: Call, { processes, calls }: History): boolean {
  for (const { home, until } of processes.values())
    if (home === queued.home && until > queued.end && until < queued.effectEnd + 1_000) return true
  return calls.some(
    call =>
      call.verb === 'run' &&
      call.home === queued.home &&
      call.start < queued.effectEnd &&
      call.effectEnd > queued.end,
  )
}

/**
 * Each call has its own purpose, so two claims in the log with one purpose
 * and different times are one call that was done twice. A queued call may be
 * there twice: once from the failed call itself, and once from the outbox.
 * A wait makes many calls: a claim whose answer was lost is taken back, and
 * the label is then claimed again.
 */
function* claimedTwice(history: History): Iterable<Violation> {
  for (const label of history.labels) {
    const log = lastLog(history, label)
    const made = new Map<string, Set<number>>()
    for (const { event, purpose, at } of log?.answer.events ?? [])
      if (event === 'claim' || event === 'co-claim')
        made.set(purpose, (made.get(purpose) ?? new Set()).add(at))
    for (const [purpose, times] of made) {
      const call = history.call(purpose)
      if (!log || !call || call.verb === 'wait') continue
      if (times.size <= (call.outcome === 'queued' ? 2 : 1)) continue
      if (mayRestore(history, call.session, label, call.start, Number.POSITIVE_INFINITY)) continue
      yield { message: `one call claimed ${label} ${times.size} times`, proof: [call, log] }
    }
  }
}
