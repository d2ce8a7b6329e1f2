import { Deadline, monotonicMs } from './deadline.ts'
import type { HistoryEvent } from './domain/history.ts'
import type { History } from './store/port.ts'

/** What one try may take, in milliseconds. */
const TRY_MS = 600
/** History may not hold up a process that has had its answer: so long it waits for it at its end, in milliseconds. */
const LAST_MS = 600
/** Between two tries, in milliseconds. */
const PAUSE_MS_MIN = 50
const PAUSE_MS_MAX = 2_000
/** So many wait at most: a server whose database takes none may go on for days. */
const WAITING_MAX = 10_000
/** From this age on, in milliseconds, the time of an event is counted back from when it was found. */
const LATE_MS = 1_000

/** Events, or how they are found with the board's now. */
type Events = readonly HistoryEvent[] | (() => Promise<readonly HistoryEvent[]>)

interface Waiting {
  events: Events
  /** This process's monotonic clock, when they happened. */
  readonly sinceMs: number
  /** It could not be written by itself: it doesn't keep others from being written. */
  failedAlone: boolean
}

/**
 * Adds events to the history once the answer is out, those that gathered meanwhile in one statement. What can't be written
 * is tried again until it is written or the process ends: a follower tells of what came and went by these alone.
 */
export class Recorder {
  readonly #history: Pick<History, 'record'>
  #waiting: Waiting[] = []
  #running: Promise<void> | undefined
  #ending = new AbortController()

  constructor(history: Pick<History, 'record'>) {
    this.#history = history
  }

  /** @param events or how they are found */
  afterAnswer(events: Events): void {
    if (events.length === 0 && typeof events !== 'function') return
    this.#waiting.push({ events, sinceMs: monotonicMs(), failedAlone: false })
    this.#waiting.splice(0, Math.max(0, this.#waiting.length - WAITING_MAX))
    this.#running ??= this.#record().finally(() => {
      this.#running = undefined
    })
  }

  /** Resolves once nothing runs any more, or has taken too long. */
  async settled(): Promise<void> {
    await this.#within(LAST_MS)
  }

  /** The same, and tries no more: the board is being closed. */
  async close(): Promise<void> {
    await this.#within(LAST_MS)
    this.#ending.abort()
    this.#ending = new AbortController()
  }

  /** Resolves once what was answered before is written, or has taken too long. */
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
      if (left.length > 0) await pause(pauseMs * (0.5 + Math.random() / 2), signal)
      pauseMs = left.length > 0 ? Math.min(pauseMs * 2, PAUSE_MS_MAX) : PAUSE_MS_MIN
    }
    if (signal.aborted) this.#waiting = []
  }

  /** @returns what could not be written: one that the board refuses keeps no others from it for long */
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

/** The events, found once. One that was found long after it happened has the time of then. */
async function found(waiting: Waiting): Promise<readonly HistoryEvent[]> {
  if (typeof waiting.events !== 'function') return waiting.events
  const events = await waiting.events()
  const lateMs = monotonicMs() - waiting.sinceMs
  waiting.events =
    lateMs < LATE_MS ? events : events.map(event => ({ ...event, at: new Date(event.at.getTime() - lateMs) }))
  return waiting.events
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    // A process that has nothing else to do ends.
    timer.unref()
    signal.addEventListener('abort', end)
  })
}
