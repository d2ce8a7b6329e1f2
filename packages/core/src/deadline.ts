import { sleep } from './sleep.ts'
import { monotonicMs, noteStall, waitingMs } from './waiting-clock.ts'

export { monotonicMs, ownWork } from './waiting-clock.ts'

/**
 * How long one call may wait in total, in milliseconds. With start-up and exit, an answer comes within 3 s
 * (G7).
 */
export const DEADLINE_MS_DEFAULT = 2_000

/** The longest delay that a timer supports. A longer one fires at once. */
const TIMER_MS_MAX = 2 ** 31 - 1
/** How often a race checks whether the process was able to run, in milliseconds. */
const LOOK_MS = 100

/**
 * The moment by which a call must end. All steps of a call share one deadline. It counts only the time in
 * which the process waits for others: time that the process spends on its own loading, or in which it could
 * not run, postpones the deadline.
 */
export class Deadline {
  /** The duration it was created with, in milliseconds. */
  readonly ms: number
  /** Ends the call sooner, because nobody waits for the answer any more. */
  readonly signal: AbortSignal | undefined
  /** When the call began, on the clock of `monotonicMs`. */
  readonly beganMs: number
  readonly #endsAtMs: number

  private constructor(ms: number, signal: AbortSignal | undefined, beganMs = monotonicMs()) {
    this.ms = ms
    this.signal = signal
    this.beganMs = beganMs
    this.#endsAtMs = waitingMs() + ms
  }

  static after(ms: number, signal?: AbortSignal): Deadline {
    return new Deadline(Math.min(ms, TIMER_MS_MAX), signal)
  }

  /** A copy that passes at most `ms` from now. */
  within(ms: number): Deadline {
    return new Deadline(Math.min(ms, this.remainingMs()), this.signal, this.beganMs)
  }

  /** A copy that also passes when the signal fires. */
  until(signal: AbortSignal): Deadline {
    const either = this.signal ? AbortSignal.any([this.signal, signal]) : signal
    return new Deadline(this.remainingMs(), either, this.beganMs)
  }

  /** Milliseconds left, at least 0. */
  remainingMs(): number {
    return this.signal?.aborted ? 0 : Math.max(0, this.#endsAtMs - waitingMs())
  }

  get passed(): boolean {
    return this.remainingMs() === 0
  }

  /**
   * Returns the promise's result, or throws `fault()` once the deadline passes. The promise itself keeps
   * running: the caller must destroy the resource it runs on.
   */
  async race<T>(promise: Promise<T>, fault: () => Error): Promise<T> {
    let stop = () => {}
    const late = new Promise<never>((_, reject) => {
      stop = this.onPassed(() => reject(fault()))
    })
    try {
      return await Promise.race([promise, late])
    } finally {
      stop()
    }
  }

  /**
   * Calls `act` once no more than `leftMs` are left, or once the signal fires.
   *
   * @param leftMs milliseconds
   * @returns a function that cancels this
   */
  onPassed(act: () => void, leftMs = 0): () => void {
    let timer: NodeJS.Timeout | undefined
    const stop = () => {
      clearTimeout(timer)
      this.signal?.removeEventListener('abort', end)
    }
    const end = () => {
      stop()
      act()
    }
    const look = () => {
      const ms = Math.min(Math.max(0, this.remainingMs() - leftMs), LOOK_MS)
      const due = monotonicMs() + ms
      timer = setTimeout(() => {
        noteStall(due)
        if (this.remainingMs() <= leftMs) end()
        else look()
      }, ms)
    }
    this.signal?.addEventListener('abort', end)
    look()
    return stop
  }

  /** Waits `ms`, or until the deadline if that is sooner. */
  async pause(ms: number): Promise<void> {
    await sleep(Math.min(ms, this.remainingMs()), { signal: this.signal })
  }
}
