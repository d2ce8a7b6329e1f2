/**
 * A moment on both clocks of this host: the monotonic clock, which stops while a laptop sleeps, and the wall
 * clock, which can be set.
 */
export interface Moment {
  readonly monotonicMs: number
  readonly wallMs: number
}

export function now(): Moment {
  return { monotonicMs: performance.now(), wallMs: Date.now() }
}

/** Milliseconds since `from`, by the clock that shows more, because neither can be trusted alone. */
export function msSince(from: Moment): number {
  const at = now()
  return Math.max(at.monotonicMs - from.monotonicMs, at.wallMs - from.wallMs)
}
