/**
 * How many refusals are recorded per hour and token, so
 * that trying one name after another can't fill the table.
 */
const TOLD_AN_HOUR = 10
const HOUR_MS = 3_600_000

/** Decides which refusals are recorded: the first of each token and session in an hour. */
export class Refused {
  #hour = 0
  readonly #told = new Map<string, Set<string>>()

  /** @param now in milliseconds, of a monotonic clock */
  isNews(token: string, sessionId: string, now: number): boolean {
    const hour = Math.floor(now / HOUR_MS)
    if (hour !== this.#hour) this.#told.clear()
    this.#hour = hour
    const told = this.#told.get(token) ?? new Set()
    this.#told.set(token, told)
    if (told.has(sessionId) || told.size >= TOLD_AN_HOUR) return false
    told.add(sessionId)
    return true
  }
}
