/** A moment by both of this host's clocks: the one that stops while a laptop sleeps, and the one that is set. */
export interface Moment {
  readonly monotonicMs: number
  readonly wallMs: number
}

export function now(): Moment {
  return { monotonicMs: performance.now(), wallMs: Date.now() }
}

/** Milliseconds since `from`: by the clock that says more, for neither may be trusted alone. */
export function msSince(from: Moment): number {
  const at = now()
  return Math.max(at.monotonicMs - from.monotonicMs, at.wallMs - from.wallMs)
}
