/** The interval between heartbeats, in milliseconds: the same as for the agents' hooks. */
const EVERY_MS = 120_000
/**
 * How many sessions are remembered.
 * A server has many sessions, so those whose heartbeat is due anyway are dropped.
 */
const SESSIONS_MAX = 10_000

/** When this process last sent a heartbeat for each session. Calls send them as a side effect. */
export class Pulse {
  readonly #beaten = new Map<string, number>()

  isDue(sessionId: string, now: number, elsewhere: number | undefined): boolean {
    const last = Math.max(this.#beaten.get(sessionId) ?? 0, elsewhere ?? 0)
    return last > now || now - last >= EVERY_MS
  }

  /** Forgets a heartbeat that failed, so that the next call tries again. */
  forget(sessionId: string): void {
    this.#beaten.delete(sessionId)
  }

  beat(sessionId: string, now: number): void {
    // Delete and set, so that the map is in the order of the last heartbeat, the oldest first.
    this.#beaten.delete(sessionId)
    this.#beaten.set(sessionId, now)
    for (const [id, at] of this.#beaten) {
      if (this.#beaten.size <= SESSIONS_MAX && now - at < EVERY_MS) break
      this.#beaten.delete(id)
    }
  }
}
