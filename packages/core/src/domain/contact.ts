/**
 * How far back events are read again, in milliseconds: a writer may commit an event that much later than the
 * event's `at`. Only time in contact with the board counts (see `CONTACT_MS_MAX`).
 */
export const WINDOW_MS = 15_000
/**
 * The time between two answers counts as contact for at most this long, in milliseconds: while a board is
 * unreachable, no session commits anything.
 */
const CONTACT_MS_MAX = 5_000

interface Look {
  readonly asOf: Date
  readonly contactMs: number
}

/** The times at which the board answered, as far back as events are read again. */
export class Contact {
  readonly #looks: Look[] = []

  /** The database's time of the last answer. */
  get last(): Date {
    return this.#looks.at(-1)?.asOf ?? new Date(0)
  }

  /**
   * The moment from which events must be read again: an event of that time may have been committed only
   * recently.
   */
  get since(): Date | undefined {
    const [first] = this.#looks
    const last = this.#looks.at(-1)
    if (!first || !last) return undefined
    const lacks = Math.max(0, WINDOW_MS - (last.contactMs - first.contactMs))
    return new Date(first.asOf.getTime() - lacks)
  }

  made(asOf: Date): void {
    const last = this.#looks.at(-1)
    const gap = last ? asOf.getTime() - last.asOf.getTime() : 0
    const contactMs = (last?.contactMs ?? 0) + Math.min(Math.max(gap, 0), CONTACT_MS_MAX)
    this.#looks.push({ asOf, contactMs })
    while (this.#looks[1] && this.#looks[1].contactMs <= contactMs - WINDOW_MS) this.#looks.shift()
  }
}
