import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolder } from '../config/make-folder.ts'
import { isFault, PresenceError } from '../domain/fault.ts'
import { oneLine } from '../domain/text.ts'
import { QueueFault } from './fault.ts'

/** How long the breaker is open after the first, second, … outage in a row, in milliseconds; never longer than the last. */
const OPEN_MS = [250, 500, 1_000]
const OPEN_MS_MAX = 1_000
/** A call that failed sooner than this cost nobody any time, in milliseconds: asking again at once is cheap. */
const SLOW_MS = 250
/** An outage that was noted longer ago says nothing of now, in milliseconds. */
const STALE_MS = 5_000
/** A process that probes for longer has died, in milliseconds: no call takes as long. */
const PROBE_MS_MAX = 3_000

/** What all processes of a user know of one server. Moments are milliseconds since 1970, by this host's clock. */
interface State {
  /** How many calls in a row got no answer, each begun after the one before had failed. */
  readonly failures: number
  readonly failedAt: number
  /** Before this the server is not asked. */
  readonly openUntil: number
  /** What the last of these calls was told: which server, and what was wrong. */
  readonly told: string
}

/** A call that was let through. */
interface Pass {
  readonly beganAt: number
  readonly isProbe: boolean
}

/**
 * Keeps a user's processes from waiting, one after the other, for a server that hangs. The state is a small file
 * that they share.
 *
 * - Closed: every call is let through.
 * - Open, for a second at most: two calls in a row got no answer and nobody was answered in between. Calls are told so at
 *   once.
 * - Half open: one call at a time is let through, as a probe. An answer closes the breaker for all.
 *
 * Only silence opens it. A server that refuses at once, is busy or asks to be asked later costs no time and is asked
 * again: what it would answer is never refused here. Where the file can't be written, the breaker stays closed.
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
   * Makes a call, and learns from what becomes of it.
   *
   * @param anyway makes it also while the breaker is open
   * @throws PresenceError what the call throws; `unreachable` at once while the breaker is open
   */
  async call<T>(ask: () => Promise<T>, { anyway = false } = {}): Promise<T> {
    const pass = anyway ? { beganAt: this.#clock(), isProbe: false } : this.#enter()
    try {
      const answer = await ask()
      this.#answered()
      return answer
    } catch (error) {
      // A fault of the queue tells nothing of the server, and one that was heard in between is there.
      if (isFault(error) && !(error instanceof QueueFault)) {
        if (error.code !== 'unreachable' || this.#heardAt >= pass.beganAt) this.#answered()
        else this.#failed(pass, error.message)
      }
      throw error
    } finally {
      if (pass.isProbe) unlessDenied(() => rmSync(this.#probeFile, { force: true }))
    }
  }

  /** The server answered something on the way of a call. */
  heard(): void {
    this.#heardAt = this.#clock()
  }

  /** Since when the server gives no answer, while calls are not let through. */
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

  /** Calls that hung side by side are one failure: only one that began after the last was noted is another. */
  #note(now: number, beganAt: number, told: string): void {
    const before = this.#read(now)
    if (before && beganAt < before.failedAt) return
    const failures = (before?.failures ?? 0) + 1
    const longest = OPEN_MS[Math.min(failures - 2, OPEN_MS.length - 1)] ?? 0
    const openUntil = Math.round(now + longest * (0.5 + this.#random() / 2))
    makeFolder(dirname(this.#file))
    const beside = `${this.#file}.${process.pid}.new`
    writeFileSync(beside, JSON.stringify({ failures, failedAt: now, openUntil, told }), { mode: 0o600 })
    renameSync(beside, this.#file)
  }

  /** Undefined without a file, or if it is old or from the future, as after a change of the clock. */
  #read(now: number): State | undefined {
    try {
      const { failures, failedAt, openUntil, told } = JSON.parse(readFileSync(this.#file, 'utf8')) as State
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

  /** One process at a time; from one that died it is taken over. */
  #takeProbe(now: number): boolean {
    try {
      const takenAt = statSync(this.#probeFile, { throwIfNoEntry: false })?.mtimeMs
      if (takenAt !== undefined && Math.abs(Date.now() - takenAt) > PROBE_MS_MAX)
        rmSync(this.#probeFile, { force: true })
      closeSync(openSync(this.#probeFile, 'wx', 0o600))
      // Another process may have probed between the look at the file and now.
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
    `${told} (at ${new Date(failedAt).toISOString()}; it is asked again within a second)`,
    'try again in a second',
  )
}

/** The breaker saves time: where its file can't be had, calls are made without it. */
function unlessDenied(work: () => void): void {
  try {
    work()
  } catch {}
}
