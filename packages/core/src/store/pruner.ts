import { Deadline, monotonicMs } from '../deadline.ts'
import type { Store } from './port/store.ts'

/** Rows per batch: small enough to go unnoticed, and a hundred times what one claim can add. */
const BATCH_ROWS = 100
/**
 * The share of claims that prune. A command waits for the pruning after its claim, and a pruning takes a
 * tenth of the command's time. Pruning after one claim in eight still removes about twelve times what claims
 * add.
 */
const CHANCE = 1 / 8
/** How long to pause after nothing was left to prune. */
const REST_MS = 60_000
/** Pruning must not delay the exit of a process that already has its answer. */
const DEADLINE_MS = 400

/**
 * Deletes claims that lapsed more than a day ago, one batch after an answer. Clients do this, because the
 * database's scheduled events (CREATE EVENT) don't do it on Dolt. Failures are ignored: a later claim tries
 * again.
 */
export class Pruner {
  readonly #store: Pick<Store, 'prune'>
  readonly #dice: () => number
  #notBefore = 0
  #running: Promise<void> | undefined

  /** @param dice returns random numbers from 0 up to, but not including, 1 */
  constructor(store: Pick<Store, 'prune'>, dice: () => number = Math.random) {
    this.#store = store
    this.#dice = dice
  }

  /** @param before the work that must finish first: if both ran at once, each would take a connection */
  afterAnswer(before: Promise<void> = Promise.resolve()): void {
    if (this.#running || monotonicMs() < this.#notBefore || this.#dice() >= CHANCE) return
    this.#running = this.#prune(before).finally(() => {
      this.#running = undefined
    })
  }

  /** Resolves once no pruning is running. */
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
