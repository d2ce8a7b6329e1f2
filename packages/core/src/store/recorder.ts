import { Deadline, monotonicMs } from '../deadline.ts'
import type { HistoryEvent } from '../domain/history.ts'
import { sleep } from '../sleep.ts'
import type { History } from './port/history.ts'

/** How long one attempt may take, in milliseconds. */
const TRY_MS = 600
/**
 * How long a process waits for the history at its end, in milliseconds. The history must not delay the exit
 * for longer.
 */
const LAST_MS = 600
/** The pause between two attempts, in milliseconds. */
const PAUSE_MS_MIN = 50
const PAUSE_MS_MAX = 2_000
/** How many events may wait. A server whose database accepts none may run for days. */
const WAITING_MAX = 10_000
/**
 * If events are determined later than this many milliseconds after they happened, the delay is subtracted
 * from their time.
 */
const LATE_MS = 1_000

/** Events, or a function that determines them and takes their time from the database's current time. */
type Events = readonly HistoryEvent[] | (() => Promise<readonly HistoryEvent[]>)

interface Waiting {
  events: Events
  /** When they happened, on this process's monotonic clock. */
  readonly sinceMs: number
  /** Writing it alone failed. It is no longer written together with others, so that it can't block them. */
  failedAlone: boolean
}

/**
 * Writes events to the history after the answer was sent. One statement writes all events that have
 * accumulated. Events that can't be written are tried again until they are written or the process ends: a
 * follower learns about short-lived claims from these events alone.
 */
export class Recorder {
  readonly #history: Pick<History, 'record'>
  #waiting: Waiting[] = []
  #running: Promise<void> | undefined
  #ending = new AbortController()

  constructor(history: Pick<History, 'record'>) {
    this.#history = history
  }

  /** @param events the events, or a function that determines them */
  afterAnswer(events: Events): void {
    if (events.length === 0 && typeof events !== 'function') return
    this.#waiting.push({ events, sinceMs: monotonicMs(), failedAlone: false })
    this.#waiting.splice(0, Math.max(0, this.#waiting.length - WAITING_MAX))
    this.#running ??= this.#record().finally(() => {
      this.#running = undefined
    })
  }

  /** Resolves once nothing is running, or after 600 ms. */
  async settled(): Promise<void> {
    await this.#within(LAST_MS)
  }

  /** The same, and then stops retrying, because the board is being closed. */
  async close(): Promise<void> {
    await this.#within(LAST_MS)
    this.#ending.abort()
    this.#ending = new AbortController()
  }

  /** Resolves once the events of earlier answers are written, or after 600 ms. */
  async caughtUp(): Promise<void> {
    await this.#within(TRY_MS)
  }

  async #within(ms: number): Promise<void> {
    const running = this.#running
    if (!running) return
    await Deadline.after(ms)
      .race(running, () => new Error())
      .catch(() => {})
  }

  async #record(): Promise<void> {
    const { signal } = this.#ending
    await new Promise(resolve => setImmediate(resolve))
    let pauseMs = PAUSE_MS_MIN
    while (this.#waiting.length > 0 && !signal.aborted) {
      const batch = this.#waiting
      this.#waiting = []
      const left = await this.#leftOf(batch)
      this.#waiting.unshift(...left)
      if (left.length > 0) {
        // Don't keep a process alive that has nothing else to do.
        await sleep(pauseMs * (0.5 + Math.random() / 2), { signal, ref: false })
      }
      pauseMs = left.length > 0 ? Math.min(pauseMs * 2, PAUSE_MS_MAX) : PAUSE_MS_MIN
    }
    if (signal.aborted) this.#waiting = []
  }

  /**
   * @returns the events that could not be written. An event that the board refuses does not block the others
   *   for long
   */
  async #leftOf(batch: readonly Waiting[]): Promise<readonly Waiting[]> {
    const [suspect, ...suspects] = batch.filter(({ failedAlone }) => failedAlone)
    const others = batch.filter(({ failedAlone }) => !failedAlone)
    const [first, ...rest] = others
    if (first && !(await this.#wrote(others))) {
      if (rest.length > 0 && (await this.#wrote([first])))
        return [...rest, ...batch.filter(each => each.failedAlone)]
      first.failedAlone = true
      return [...rest, ...batch.filter(each => each !== first && each.failedAlone), first]
    }
    if (!suspect || (await this.#wrote([suspect]))) return suspects
    return [...suspects, suspect]
  }

  async #wrote(batch: readonly Waiting[]): Promise<boolean> {
    try {
      const events = (await Promise.all(batch.map(found))).flat()
      if (events.length > 0) await this.#history.record(events, Deadline.after(TRY_MS))
      return true
    } catch {
      return false
    }
  }
}

/** Determines the events once. Events that were determined late get the time at which they happened. */
async function found(waiting: Waiting): Promise<readonly HistoryEvent[]> {
  if (typeof waiting.events !== 'function') return waiting.events
  const events = await waiting.events()
  const lateMs = monotonicMs() - waiting.sinceMs
  waiting.events =
    lateMs < LATE_MS ? events : events.map(event => ({ ...event, at: new Date(event.at.getTime() - lateMs) }))
  return waiting.events
}
