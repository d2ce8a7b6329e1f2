import type { JudgedRole, Session } from '@presence/core'
import { AT_ONCE_MS, HEARTBEAT_EVERY_SECONDS, type Stamp, shownAgain } from '@presence/hooks'

/** Sessions that are remembered. Of one that is forgotten the heart beats once more, and it may be told a thing twice. */
const SESSIONS_MAX = 10_000
/** Of a session so many pairs of what it was told are kept, the latest. */
const TOLD_MAX = 500
/** Of a session so many moments are kept. */
const MOMENTS_MAX = 16

/** What the start hook of a session's own machine said of it: after `/clear` it is not who the agent says. */
interface Introduction {
  readonly session: Session
  /** The key of the project. */
  readonly project: string | undefined
  /** Its role in that project, and what is wrong with it. */
  readonly role: JudgedRole | undefined
}

/** One session of an agent. */
export class Remembered {
  introduction: Introduction | undefined
  #beatAt = Number.NEGATIVE_INFINITY
  #told: ReadonlySet<string> = new Set()
  #shown: ReadonlyMap<string, number> = new Map()
  #isTaken = false
  readonly #moments = new Map<string, number>()

  /** Is this the first time that a moment is heard of? */
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
      giveBack: () => {
        if (mine) mine = this.#isTaken = false
      },
    }
  }
}

/**
 * What a server knows of agents' sessions that the board doesn't. In memory alone: after a restart, or at another replica, a
 * session's heart beats once more, it may be told of a co-claim again, and after `/clear` goes by its new id.
 */
export class Memory {
  readonly #sessions = new Map<string, Remembered>()

  /** @param key whose words these are: a session of one agent, as one caller names it */
  of(key: string): Remembered {
    const found = this.#sessions.get(key) ?? new Remembered()
    // What was heard of last stands last.
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
