import type { Call, Outcome } from './call.ts'
import { Clock } from './clock.ts'
import type { Answer, Claim, FaultLine, Line, Replayed, RunLine } from './format.ts'

/** How long a call whose outcome is unknown may still change the board after its process gave up on it. */
const LATE_MS = 3_000

export interface Process {
  readonly process: string
  readonly session: string
  readonly home: string
  readonly from: number
  /** The host's clock minus the monotonic clock, in milliseconds, if that was recorded. */
  readonly wallOffset: number | undefined
  /** Infinity if its end was not recorded. */
  until: number
}

/** The report of a replay of the outbox to a process of this home. */
export interface Report extends Replayed {
  readonly home: string
  readonly at: number
}

/**
 * Verbs whose answer shows that the session's outbox was delivered before: while it is not empty, these calls
 * are queued behind it. Other verbs are answered when only a part of a long outbox is delivered.
 */
const EMPTIES_OUTBOX = new Set(['claim', 'heartbeat', 'release', 'send', 'sync'])

/** A recorded history, put in order. */
export class History {
  readonly run: RunLine
  /** The calls, ordered by their start. */
  readonly calls: readonly Call[]
  readonly faults: readonly FaultLine[]
  readonly processes: ReadonlyMap<string, Process>
  readonly reports: readonly Report[]
  readonly clock: Clock
  readonly sessions: readonly string[]
  readonly labels: readonly string[]
  readonly #byId: ReadonlyMap<string, Call>

  constructor(lines: readonly Line[]) {
    const run = lines.find(line => line.type === 'run')
    if (!run) throw new Error('the history has no line of type "run"')
    this.run = run
    this.faults = lines.filter(line => line.type === 'fault')
    this.processes = processesOf(lines)
    this.#byId = callsOf(lines, this.processes)
    this.calls = [...this.#byId.values()].sort((a, b) => a.start - b.start)
    this.reports = reportsOf(lines, this.#byId, this.processes)
    this.clock = new Clock(this.calls)
    this.#settle()
    this.sessions = [...new Set(this.calls.map(call => call.session))].sort()
    this.labels = [...new Set(this.calls.flatMap(call => call.label ?? []))].sort()
  }

  call(id: string): Call | undefined {
    return this.#byId.get(id)
  }

  #settle(): void {
    const emptied = new Map<string, Call[]>()
    for (const call of this.calls) {
      if (call.outcome !== 'ok' || !EMPTIES_OUTBOX.has(call.verb) || call.answer.replayed?.left) continue
      emptied.set(call.home, [...(emptied.get(call.home) ?? []), call])
    }
    for (const call of this.calls) {
      if (call.outcome === 'ok' || call.outcome === 'refused') continue
      const ended = Math.min(call.end, this.processes.get(call.process)?.until ?? Number.POSITIVE_INFINITY)
      call.effectEnd = this.#settled(call.start, ended)
      if (call.outcome === 'queued')
        call.effectEnd = Math.max(call.effectEnd, deliveredBy(call, emptied.get(call.home) ?? []))
    }
  }

  /**
   * A server or connection that was frozen during the call
   * may still hold it, and continue with it when it wakes.
   */
  #settled(start: number, end: number): number {
    const freezes = this.faults.filter(fault => fault.at < end + 1_000 && fault.until > start)
    return Math.max(end, ...freezes.map(fault => fault.until)) + LATE_MS
  }
}

/**
 * The latest moment at which a queued call was delivered: before the answer to a later call of its session
 * that would otherwise have been queued behind it, or before the answer to a sync that left the outbox empty.
 */
function deliveredBy(queued: Call, emptied: readonly Call[]): number {
  const later = emptied.filter(
    call => call.start > queued.end && (call.session === queued.session || call.verb === 'sync'),
  )
  return Math.min(Number.POSITIVE_INFINITY, ...later.slice(0, 50).map(call => call.end))
}

function processesOf(lines: readonly Line[]): ReadonlyMap<string, Process> {
  const processes = new Map<string, Process>()
  for (const line of lines)
    if (line.type === 'process')
      processes.set(line.process, {
        process: line.process,
        session: line.session,
        home: line.home,
        from: line.at,
        wallOffset: line.wall === undefined ? undefined : line.wall - line.at,
        until: Number.POSITIVE_INFINITY,
      })
  for (const line of lines) {
    const process = line.type === 'exit' ? processes.get(line.process) : undefined
    if (process && line.type === 'exit') process.until = line.at
  }
  return processes
}

function callsOf(lines: readonly Line[], processes: ReadonlyMap<string, Process>): ReadonlyMap<string, Call> {
  const ends = new Map(lines.flatMap(line => (line.type === 'end' ? [[line.call, line] as const] : [])))
  const calls = new Map<string, Call>()
  for (const line of lines) {
    if (line.type !== 'begin') continue
    if (calls.has(line.call)) throw new Error(`two calls have the id ${line.call}`)
    const end = ends.get(line.call)
    calls.set(line.call, {
      id: line.call,
      process: line.process,
      session: line.session,
      home: processes.get(line.process)?.home ?? '',
      verb: line.verb,
      args: line.args,
      label: line.args.label,
      start: line.at,
      end: end?.at ?? Number.POSITIVE_INFINITY,
      outcome: end ? outcomeOf(end.answer) : 'unknown',
      answer: end?.answer ?? {},
      from: line.at,
      effectEnd: end?.at ?? Number.POSITIVE_INFINITY,
      waits: [],
    })
  }
  for (const line of lines) if (line.type === 'waiting') calls.get(line.call)?.waits.push(line)
  for (const call of calls.values()) {
    call.waits.sort((a, b) => a.at - b.at)
    // A refusal may have been decided at the first look, so its `from` stays the call's start.
    if (call.outcome === 'ok') call.from = call.waits.at(-1)?.at ?? call.start
  }
  return calls
}

function outcomeOf({ ok, queued }: Answer): Outcome {
  if (ok === undefined) return queued ? 'queued' : 'fault'
  return ok ? 'ok' : 'refused'
}

/** The reports of all replays, including those in the answers of `sync`. */
function reportsOf(
  lines: readonly Line[],
  calls: ReadonlyMap<string, Call>,
  processes: ReadonlyMap<string, Process>,
): readonly Report[] {
  const reports: Report[] = []
  for (const line of lines) {
    if (line.type === 'replayed')
      reports.push({ ...line.replayed, at: line.at, home: processes.get(line.process)?.home ?? '' })
    if (line.type === 'end' && line.answer.replayed)
      reports.push({ ...line.answer.replayed, at: line.at, home: calls.get(line.call)?.home ?? '' })
  }
  return reports
}

/** The live claims that an answer shows, of all sessions. */
export function claimsIn(call: Call): readonly Claim[] {
  const { claim, others = [], mine = [], claims = [], holder, coClaims = [] } = call.answer
  return [
    ...(claim ? [claim] : []),
    ...others,
    ...mine,
    ...claims,
    ...(holder ? [holder] : []),
    ...coClaims.flatMap(each => each.others),
  ]
}
