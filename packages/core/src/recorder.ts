import { Deadline } from './deadline.ts'
import type { HistoryEvent } from './domain/history.ts'
import type { History } from './store/port.ts'

/** Like pruning, history may not hold up the process that has had its answer. */
const DEADLINE_MS = 600

type Events = readonly HistoryEvent[] | (() => Promise<readonly HistoryEvent[]>)

/**
 * Adds events to the history once the answer is out, those that gathered meanwhile in one statement. What can't be written
 * then is left out: the board is what holds, the history only tells.
 */
export class Recorder {
  readonly #history: Pick<History, 'record'>
  #pending: Events[] = []
  #running: Promise<void> | undefined

  constructor(history: Pick<History, 'record'>) {
    this.#history = history
  }

  /** @param events or how they are found */
  afterAnswer(events: Events): void {
    if (events.length === 0 && typeof events !== 'function') return
    this.#pending.push(events)
    this.#running ??= this.#record().finally(() => {
      this.#running = undefined
    })
  }

  /** Resolves once nothing runs any more. */
  async settled(): Promise<void> {
    await this.#running
  }

  /** Resolves once what was answered before is written or given up, or has taken too long. */
  async caughtUp(): Promise<void> {
    const running = this.#running
    if (!running) return
    await Deadline.after(DEADLINE_MS)
      .race(running, () => new Error())
      .catch(() => {})
  }

  async #record(): Promise<void> {
    await new Promise(resolve => setImmediate(resolve))
    while (this.#pending.length > 0) {
      const pending = this.#pending
      this.#pending = []
      try {
        const found = await Promise.all(pending.map(each => (typeof each === 'function' ? each() : each)))
        const events = found.flat()
        if (events.length > 0) await this.#history.record(events, Deadline.after(DEADLINE_MS))
      } catch {
        // See above.
      }
    }
  }
}
