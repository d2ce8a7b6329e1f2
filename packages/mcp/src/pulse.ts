/** How long a heartbeat is enough, in milliseconds: as for the agents' hooks. */
const EVERY_MS = 120_000
/** A server hears of many sessions: those whose beat is long over are forgotten. */
const SESSIONS_MAX = 10_000

/** When each session's heart beat last through this process: calls beat as a side effect, once in a while. */
export class Pulse {
  readonly #beaten = new Map<string, number>()

  isDue(sessionId: string, now: number, elsewhere: number | undefined): boolean {
    const last = Math.max(this.#beaten.get(sessionId) ?? 0, elsewhere ?? 0)
    return last > now || now - last >= EVERY_MS
  }

  /** It did not beat after all: the next call tries. */
  forget(sessionId: string): void {
    this.#beaten.delete(sessionId)
  }

  beat(sessionId: string, now: number): void {
    // The oldest first, which is the order of a map whose keys are set anew.
    this.#beaten.delete(sessionId)
    this.#beaten.set(sessionId, now)
    for (const [id, at] of this.#beaten) {
      if (this.#beaten.size <= SESSIONS_MAX && now - at < EVERY_MS) break
      this.#beaten.delete(id)
    }
  }
}
