import type { Call } from './call.ts'

/**
 * The database's time is read by statements within a call.
 * The times of two statements of one call may differ by this.
 */
const MARGIN_MS = 20

/**
 * Converts a moment of this machine's monotonic clock to the range in which the database's clock was then.
 * Each answer that carries the database's time bounds the difference of the two clocks: the time was read
 * between the call's start and its end.
 */
export class Clock {
  readonly #low: number
  readonly #high: number

  constructor(calls: readonly Call[]) {
    let low = Number.NEGATIVE_INFINITY
    let high = Number.POSITIVE_INFINITY
    for (const { answer, start, end } of calls) {
      if (answer.asOf === undefined || !Number.isFinite(end)) continue
      low = Math.max(low, answer.asOf - end)
      high = Math.min(high, answer.asOf - start)
    }
    // The bounds cross if one of the clocks was adjusted during the run.
    this.#low = Math.min(low, high) - MARGIN_MS
    this.#high = Math.max(low, high) + MARGIN_MS
  }

  /** The earliest time that the database's clock can have shown at that moment. */
  low(at: number): number {
    return at + this.#low
  }

  /** The latest time that it can have shown. */
  high(at: number): number {
    return at + this.#high
  }
}
