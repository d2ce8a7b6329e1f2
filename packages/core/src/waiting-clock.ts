/** A timer that fires this late, in milliseconds, fires late because the process was busy or was not scheduled. */
const STALL_MS = 50

let ownMs = 0
let working = 0
let workingSince = 0
let countedUntil = Number.NEGATIVE_INFINITY

/** This host's clock that only goes forward, in milliseconds. `performance` would take 2 ms to load. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1_000 + nanoseconds / 1e6
}

/** A clock that stands still during this process's own work. Deadlines are counted on it, so they bound waiting only. */
export function waitingMs(): number {
  return (working > 0 ? workingSince : monotonicMs()) - ownMs
}

/** Runs work of this process (loading a driver, opening a file) that must not count against a server's answer. */
export async function ownWork<T>(work: () => Promise<T> | T): Promise<T> {
  if (working++ === 0) workingSince = monotonicMs()
  try {
    return await work()
  } finally {
    if (--working === 0) {
      const now = monotonicMs()
      ownMs += now - workingSince
      countedUntil = now
    }
  }
}

/**
 * Stops the clock, after the fact, for a time in which this process could not run: an answer that had arrived could not
 * be read then. @param dueMs when a timer that fires now was due, on `monotonicMs`
 */
export function noteStall(dueMs: number): void {
  const now = monotonicMs()
  const late = now - Math.max(dueMs, countedUntil)
  countedUntil = now
  if (working === 0 && late > STALL_MS) ownMs += late
}
