/**
 * A timer that fires this many milliseconds late does so because the process was busy or was not scheduled.
 */
const STALL_MS = 50

let ownMs = 0
let working = 0
let workingSince = 0
let countedUntil = Number.NEGATIVE_INFINITY

/** This host's monotonic clock, in milliseconds. `performance` would take 2 ms to load. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1_000 + nanoseconds / 1e6
}

/**
 * A clock that stops during this process's own work. Deadlines use it, so they limit only the waiting time.
 */
export function waitingMs(): number {
  return (working > 0 ? workingSince : monotonicMs()) - ownMs
}

/**
 * Runs work of this process (loading a driver, opening a file) that must not count against a server's answer
 * time.
 */
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
 * Stops the clock, after the fact, for a period in which this process could not run: it could not have read
 * an answer that had arrived.
 * @param dueMs when a timer that fires now was due, on the clock of `monotonicMs`
 */
export function noteStall(dueMs: number): void {
  const now = monotonicMs()
  const late = now - Math.max(dueMs, countedUntil)
  countedUntil = now
  if (working === 0 && late > STALL_MS) ownMs += late
}
