/** How long one call may take in all, in milliseconds: with start-up and exit an answer comes within 3 s (G7). */
export const DEADLINE_MS_DEFAULT = 2_000

/** No timer reaches further: a longer one fires at once. */
const TIMER_MS_MAX = 2 ** 31 - 1

/** This host's clock that only goes forward, in milliseconds. `performance` would take 2 ms to load. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1_000 + nanoseconds / 1e6
}

/** A moment after which a call must have ended. Everything that a call does shares one. */
export class Deadline {
  readonly #endsAtMs: number

  private constructor(endsAtMs: number) {
    this.#endsAtMs = endsAtMs
  }

  static after(ms: number): Deadline {
    return new Deadline(monotonicMs() + Math.min(ms, TIMER_MS_MAX))
  }

  /** Milliseconds left; never below 0. */
  remainingMs(): number {
    return Math.max(0, this.#endsAtMs - monotonicMs())
  }

  get passed(): boolean {
    return this.remainingMs() === 0
  }

  /**
   * The promise's result, or `fault()` thrown once the deadline passes. The promise itself goes on:
   * whoever races it must destroy what it runs on.
   */
  async race<T>(promise: Promise<T>, fault: () => Error): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(fault()), this.remainingMs())
    })
    try {
      return await Promise.race([promise, late])
    } finally {
      clearTimeout(timer)
    }
  }

  /** Waits `ms`, or until the deadline if that is sooner. */
  async pause(ms: number): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, Math.min(ms, this.remainingMs())))
  }
}
