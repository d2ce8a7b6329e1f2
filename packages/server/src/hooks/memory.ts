import type { Session } from '@presence/core'
import type { JudgedRole } from '@presence/core/internal'
import { AT_ONCE_MS, HEARTBEAT_EVERY_SECONDS, type Stamp, shownAgain } from '@presence/hooks'

/**
 * How many sessions are remembered.
 * A forgotten session sends one extra heartbeat, and may be told the same thing twice.
 */
const SESSIONS_MAX = 10_000
/** How many pairs of label and session that a session was told about are kept. The latest are kept. */
const TOLD_MAX = 500
/** How many events are kept per session, to recognize copies of one hook. */
const MOMENTS_MAX = 16

/**
 * How the start hook on the agent's machine described the session.
 * After `/clear` its id differs from the agent's.
 */
interface Introduction {
  readonly session: Session
  /** The project's key. */
  readonly project: string | undefined
  /** Its role in that project, and any problem with it. */
  readonly role: JudgedRole | undefined
}

/** The server's memory of one session of an agent. */
export class Remembered {
  introduction: Introduction | undefined
  #beatAt = Number.NEGATIVE_INFINITY
  #told: ReadonlySet<string> = new Set()
  #shown: ReadonlyMap<string, number> = new Map()
  #isTaken = false
  readonly #moments = new Map<string, number>()

  /** Whether this is the first hook call for an event: a copy within 2 s (`AT_ONCE_MS`) is not. */
  isFirst(moment: string, now = performance.now()): boolean {
    const before = this.#moments.get(moment)
    if (before !== undefined && now - before <= AT_ONCE_MS) return false
    this.#moments.delete(moment)
    this.#moments.set(moment, now)
    dropFirst(this.#moments, MOMENTS_MAX)
    return true
  }

  /** The stamp for one request. */
  stamp(now = () => performance.now()): Stamp {
    let mine = false
    return {
      isDue: () => now() - this.#beatAt >= HEARTBEAT_EVERY_SECONDS * 1_000,
      beat: (_, told) => {
        this.#beatAt = now()
        this.#told = new Set(told.slice(-TOLD_MAX))
      },
      told: () => this.#told,
      shown: () => this.#shown,
      show: ids => {
        this.#shown = shownAgain(this.#shown, ids)
      },
      take: () => {
        if (mine) return true
        if (this.#isTaken) return false
        mine = this.#isTaken = true
        return true
      },
      unlock: () => {
        if (mine) mine = this.#isTaken = false
      },
    }
  }
}

/**
 * A server's knowledge about agents' sessions that isn't on the board. It is only in memory: after a restart,
 * or on another replica, a session sends one extra heartbeat, may be told about a co-claim again, and after
 * `/clear` uses its new id.
 */
export class Memory {
  readonly #sessions = new Map<string, Remembered>()

  /** @param key identifies the session: the caller, its agent, and the session id that the agent gives */
  of(key: string): Remembered {
    const found = this.#sessions.get(key) ?? new Remembered()
    // Move it to the end: the map is in the order of last use.
    this.#sessions.delete(key)
    this.#sessions.set(key, found)
    dropFirst(this.#sessions, SESSIONS_MAX)
    return found
  }

  forget(key: string): void {
    this.#sessions.delete(key)
  }

  get size(): number {
    return this.#sessions.size
  }
}

function dropFirst(map: Map<string, unknown>, max: number): void {
  if (map.size <= max) return
  const { value } = map.keys().next()
  if (value !== undefined) map.delete(value)
}
