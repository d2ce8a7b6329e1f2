import type { Call } from './history.ts'

/** Statements take their time from the database at some point within the call; two of one call may differ by this. */
const MARGIN_MS = 20

/**
 * What the database's clock may have said at a moment of this machine's monotonic clock. Each answer that carries the
 * database's now bounds the difference of the two: it was read between the call's start and its end.
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
    // They cross where one of the clocks was adjusted during the run.
    this.#low = Math.min(low, high) - MARGIN_MS
    this.#high = Math.max(low, high) + MARGIN_MS
  }

  /** The earliest that the database's clock can have said. */
  low(at: number): number {
    return at + this.#low
  }

  /** The latest that it can have said. */
  high(at: number): number {
    return at + this.#high
  }
}
