import { monotonicMs, noteStall, waitingMs } from './waiting-clock.ts'

export { monotonicMs, ownWork } from './waiting-clock.ts'

/** How long one call may wait in all, in milliseconds: with start-up and exit an answer comes within 3 s (G7). */
export const DEADLINE_MS_DEFAULT = 2_000

/** No timer reaches further: a longer one fires at once. */
const TIMER_MS_MAX = 2 ** 31 - 1
/** How often a race looks whether the process could run in between, in milliseconds. */
const LOOK_MS = 100

/**
 * A moment after which a call must have ended. Everything that a call does shares one. It counts the time in which the
 * process waits for others: its own loading, and a time in which it could not run, move the moment on.
 */
export class Deadline {
  /** How long it was set for, in milliseconds. */
  readonly ms: number
  /** Ends the call sooner: nobody waits for it any more. */
  readonly signal: AbortSignal | undefined
  /** When the call began, on `monotonicMs`. */
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

  /** The same, `ms` from now at the latest. */
  within(ms: number): Deadline {
    return new Deadline(Math.min(ms, this.remainingMs()), this.signal, this.beganMs)
  }

  /** The same, and over once the signal fires. */
  until(signal: AbortSignal): Deadline {
    const either = this.signal ? AbortSignal.any([this.signal, signal]) : signal
    return new Deadline(this.remainingMs(), either, this.beganMs)
  }

  /** Milliseconds left; never below 0. */
  remainingMs(): number {
    return this.signal?.aborted ? 0 : Math.max(0, this.#endsAtMs - waitingMs())
  }

  get passed(): boolean {
    return this.remainingMs() === 0
  }

  /**
   * The promise's result, or `fault()` thrown once the deadline passes. The promise itself goes on:
   * whoever races it must destroy what it runs on.
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
   * Calls `act` once so little is left of the deadline, or it is over. @returns what calls it off
   *
   * @param leftMs milliseconds
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
    await new Promise(resolve => setTimeout(resolve, Math.min(ms, this.remainingMs())))
  }
}
