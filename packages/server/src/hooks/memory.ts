import type { Session } from '@presence/core'
import type { JudgedRole } from '@presence/core/internal'
import {
  AT_ONCE_MS,
  HEARTBEAT_EVERY_SECONDS,
  type Recalled,
  type Stamp,
  shownAgain,
  type Told,
  toldAfter,
} from '@presence/hooks'

/**
 * How many sessions are remembered.
 * A forgotten session sends one extra heartbeat, and may be told the same thing twice.
 */
const SESSIONS_MAX = 10_000
/** How many pairs of label and session that a session was told about are kept. The latest are kept. */
const TOLD_MAX = 500
/** For how many sessions it is kept what their agents know of the board. The others are told everything again. */
const BOARDS_MAX = 1_000
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
  #told: Told = { asOf: 0, keys: new Set() }
  #shown: ReadonlyMap<string, number> = new Map()
  #isTaken = false
  readonly #moments = new Map<string, number>()
  readonly #boards: Map<Remembered, Recalled>
  /** The request that is about to tell the agent of the board. */
  #asks: symbol | undefined

  /** @param boards what the agents of all sessions know of the board, in the order of last use */
  constructor(boards: Map<Remembered, Recalled> = new Map()) {
    this.#boards = boards
  }

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
    const asks = Symbol()
    return {
      isDue: () => now() - this.#beatAt >= HEARTBEAT_EVERY_SECONDS * 1_000,
      beat: () => {
        this.#beatAt = now()
      },
      makeDue: () => {
        this.#beatAt = Number.NEGATIVE_INFINITY
      },
      told: () => this.#told.keys,
      tell: (asOf, keys) => {
        const told = toldAfter(this.#told, asOf, keys)
        this.#told = { asOf: told.asOf, keys: new Set([...told.keys].slice(-TOLD_MAX)) }
      },
      shown: () => this.#shown,
      show: ids => {
        this.#shown = shownAgain(this.#shown, ids)
      },
      recall: () => {
        const found = this.#boards.get(this)
        this.#boards.delete(this)
        this.#asks = asks
        return found
      },
      keep: knows => {
        // Another request has told the agent something meanwhile: it is told everything once more.
        if (this.#asks !== asks) this.#boards.delete(this)
        else this.#boards.set(this, knows)
        this.#asks = undefined
        dropFirst(this.#boards, BOARDS_MAX)
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
  readonly #boards = new Map<Remembered, Recalled>()

  /** @param key identifies the session: the caller, its agent, and the session id that the agent gives */
  of(key: string): Remembered {
    const found = this.#sessions.get(key) ?? new Remembered(this.#boards)
    // Move it to the end: the map is in the order of last use.
    this.#sessions.delete(key)
    this.#sessions.set(key, found)
    dropFirst(this.#sessions, SESSIONS_MAX)
    return found
  }

  forget(key: string): void {
    const found = this.#sessions.get(key)
    if (found) this.#boards.delete(found)
    this.#sessions.delete(key)
  }

  get size(): number {
    return this.#sessions.size
  }
}

function dropFirst<K>(map: Map<K, unknown>, max: number): void {
  if (map.size <= max) return
  const { value } = map.keys().next()
  if (value !== undefined) map.delete(value)
}
