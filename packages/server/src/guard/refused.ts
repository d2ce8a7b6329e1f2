/** So many are told of an hour and token: whoever tries one name after another fills no table. */
const TOLD_AN_HOUR = 10
const HOUR_MS = 3_600_000

/** Which refusals are news: the first of each token and session in an hour. */
export class Refused {
  #hour = 0
  readonly #told = new Map<string, Set<string>>()

  /** @param now in milliseconds, of a clock that only goes forward */
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
