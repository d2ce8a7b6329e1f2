import { Deadline, monotonicMs } from './deadline.ts'
import type { Store } from './store/port.ts'

/** Rows a batch: small enough to go unnoticed, and a hundred times what one claim can add. */
const BATCH_ROWS = 100
/**
 * How often a claim prunes. A command makes one claim and then waits for its pruning, a tenth of its time: one in eight
 * still removes a dozen times what claims add.
 */
const CHANCE = 1 / 8
/** A board that found nothing left to prune looks again after this long. */
const REST_MS = 60_000
/** Pruning is a courtesy: it may not hold up the process that has had its answer. */
const DEADLINE_MS = 400

/**
 * Deletes claims that lapsed more than a day ago, a batch after an answer. Clients do it because Dolt's events don't.
 * A failure is nobody's concern: the next claim tries again.
 */
export class Pruner {
  readonly #store: Pick<Store, 'prune'>
  readonly #dice: () => number
  #notBefore = 0
  #running: Promise<void> | undefined

  /** @param dice gives numbers from 0 to 1, below 1 */
  constructor(store: Pick<Store, 'prune'>, dice: () => number = Math.random) {
    this.#store = store
    this.#dice = dice
  }

  /** @param before what goes first: two at once would take a connection each */
  afterAnswer(before: Promise<void> = Promise.resolve()): void {
    if (this.#running || monotonicMs() < this.#notBefore || this.#dice() >= CHANCE) return
    this.#running = this.#prune(before).finally(() => {
      this.#running = undefined
    })
  }

  /** Resolves once nothing runs any more. */
  async settled(): Promise<void> {
    await this.#running
  }

  async #prune(before: Promise<void>): Promise<void> {
    await new Promise(resolve => setImmediate(resolve))
    await before
    try {
      const gone = await this.#store.prune(BATCH_ROWS, Deadline.after(DEADLINE_MS))
      this.#notBefore = gone < BATCH_ROWS ? monotonicMs() + REST_MS : 0
    } catch {
      this.#notBefore = monotonicMs() + REST_MS
    }
  }
}
