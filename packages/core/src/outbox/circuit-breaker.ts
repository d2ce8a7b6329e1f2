import { closeSync, openSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolder } from '../config/make-folder.ts'
import { flawOf, ownText } from '../config/ownership.ts'
import { replaceFile } from '../config/replace-file.ts'
import { moment } from '../domain/agent-text.ts'
import { isFault, PresenceError } from '../domain/fault.ts'
import { oneLine } from '../domain/text.ts'
import { OutboxFault } from './fault.ts'

/**
 * How long the breaker stays open after the first, second, … outage in a row, in milliseconds. Later outages
 * use the last value.
 */
const OPEN_MS = [250, 500, 1_000]
const OPEN_MS_MAX = 1_000
/**
 * A call that failed faster than this, in milliseconds, cost no time worth saving: asking again at once is
 * cheap.
 */
const SLOW_MS = 250
/** A failure older than this, in milliseconds, no longer counts. */
const STALE_MS = 5_000
/**
 * A probe that takes longer than this, in milliseconds, belongs to a process that died: no call takes as
 * long.
 */
const PROBE_MS_MAX = 3_000

/**
 * The state of one server, as all processes of a user know it. Times are milliseconds since 1970, by this
 * host's clock.
 */
interface State {
  /**
   * How many calls in a row got no answer. A call counts only if it began after the previous one had failed.
   */
  readonly failures: number
  readonly failedAt: number
  /** The time until which the server is not asked. */
  readonly openUntil: number
  /** The last failure's message: which server, and what was wrong. */
  readonly told: string
}

/** A call that was let through. */
interface Pass {
  readonly beganAt: number
  readonly isProbe: boolean
}

/**
 * Keeps a user's processes from waiting one after the other for a server that hangs. They share the state in
 * a small file.
 *
 * - Closed: every call is let through.
 * - Open, for at most a second: two calls in a row got no answer, and no call was answered in between. Calls
 *   fail at once.
 * - Half open: one call at a time is let through as a probe. An answer closes the breaker for all processes.
 *
 * Only a missing answer opens it. A server that refuses at once, is busy or asks to be called later costs no
 * time, so it is still asked: the breaker never refuses a call that the server would answer. If the file
 * can't be written, the breaker stays closed.
 */
export class CircuitBreaker {
  readonly #file: string
  readonly #clock: () => number
  readonly #random: () => number
  #heardAt = Number.NEGATIVE_INFINITY

  constructor(file: string, clock: () => number = Date.now, random: () => number = Math.random) {
    this.#file = file
    this.#clock = clock
    this.#random = random
  }

  /**
   * Makes a call and learns from its result.
   *
   * @param anyway makes the call even while the breaker is open
   * @throws PresenceError what the call throws; `unreachable` at once while the breaker is open
   */
  async call<T>(ask: () => Promise<T>, { anyway = false } = {}): Promise<T> {
    const pass = anyway ? { beganAt: this.#clock(), isProbe: false } : this.#enter()
    try {
      const answer = await ask()
      this.#answered()
      return answer
    } catch (error) {
      // A fault of the outbox tells nothing about the server, and a server that answered during the call is
      // up.
      if (isFault(error) && !(error instanceof OutboxFault)) {
        if (error.code !== 'unreachable' || this.#heardAt >= pass.beganAt) this.#answered()
        else this.#failed(pass, error.message)
      }
      throw error
    } finally {
      if (pass.isProbe) unlessDenied(() => rmSync(this.#probeFile, { force: true }))
    }
  }

  /** Records that the server answered something during a call. */
  heard(): void {
    this.#heardAt = this.#clock()
  }

  /** The time of the last call without an answer, while the breaker is open. Otherwise undefined. */
  get openSince(): Date | undefined {
    const now = this.#clock()
    const state = this.#read(now)
    return isTripped(state) && now < state.openUntil ? new Date(state.failedAt) : undefined
  }

  #enter(): Pass {
    const beganAt = this.#clock()
    const state = this.#read(beganAt)
    if (!isTripped(state)) return { beganAt, isProbe: false }
    if (beganAt >= state.openUntil && this.#takeProbe(beganAt)) return { beganAt, isProbe: true }
    throw noAnswerSince(state)
  }

  #answered(): void {
    this.heard()
    unlessDenied(() => rmSync(this.#file, { force: true }))
  }

  #failed({ beganAt }: Pass, told: string): void {
    const now = this.#clock()
    if (now - beganAt >= SLOW_MS) unlessDenied(() => this.#note(now, beganAt, told))
  }

  /**
   * Counts a failure. Calls that hung at the same time count once: a failure is a new one only if its call
   * began after the last failure was recorded.
   */
  #note(now: number, beganAt: number, told: string): void {
    const before = this.#read(now)
    if (before && beganAt < before.failedAt) return
    const failures = (before?.failures ?? 0) + 1
    const longest = OPEN_MS[Math.min(failures - 2, OPEN_MS.length - 1)] ?? 0
    const openUntil = Math.round(now + longest * (0.5 + this.#random() / 2))
    makeFolder(dirname(this.#file))
    if (flawOf(dirname(this.#file))) return
    const state: State = { failures, failedAt: now, openUntil, told }
    replaceFile(this.#file, JSON.stringify(state), { mode: 0o600 })
  }

  /** Undefined without a file, or if the file is old or from the future, for example after a clock change. */
  #read(now: number): State | undefined {
    try {
      const { failures, failedAt, openUntil, told } = JSON.parse(ownText(this.#file) ?? '') as State
      const isCurrent = failedAt <= now && now < failedAt + STALE_MS && openUntil <= failedAt + OPEN_MS_MAX
      return failures > 0 && isCurrent
        ? { failures, failedAt, openUntil, told: oneLine(String(told)) }
        : undefined
    } catch {
      return undefined
    }
  }

  get #probeFile(): string {
    return `${this.#file}.probe`
  }

  /** Lets one process probe at a time, and takes the probe over from a process that died. */
  #takeProbe(now: number): boolean {
    try {
      const takenAt = statSync(this.#probeFile, { throwIfNoEntry: false })?.mtimeMs
      if (takenAt !== undefined && Math.abs(Date.now() - takenAt) > PROBE_MS_MAX)
        rmSync(this.#probeFile, { force: true })
      closeSync(openSync(this.#probeFile, 'wx', 0o600))
      // Another process may have finished its probe since the file was checked.
      const state = this.#read(now)
      if (isTripped(state) && now >= state.openUntil) return true
      rmSync(this.#probeFile, { force: true })
      return !isTripped(state)
    } catch (error) {
      return (error as NodeJS.ErrnoException).code !== 'EEXIST'
    }
  }
}

function isTripped(state: State | undefined): state is State {
  return state !== undefined && state.failures >= 2
}

function noAnswerSince({ failedAt, told }: State): PresenceError {
  return new PresenceError(
    'unreachable',
    `${told} (at ${moment(new Date(failedAt))}; it is asked again within a second)`,
    'try again in a second',
  )
}

/** The breaker only saves time: if its file can't be used, calls are made without it. */
function unlessDenied(work: () => void): void {
  try {
    work()
  } catch {}
}
