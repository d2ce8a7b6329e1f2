import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolder, SESSION_PARTS, sessionFile } from '@presence/core/internal'
import { HEARTBEAT_EVERY_SECONDS, type Stamp, shownAgain } from '../host.ts'

/**
 * Stores when a session last sent a heartbeat, as two files whose times `bin/presence-hook` compares before
 * Node starts. The time of `.beat` is that of the last heartbeat, the time of `.due` is that of the next.
 * Both are in a folder that only this user may use.
 */
export class FileStamp implements Stamp {
  readonly #path: (part: (typeof SESSION_PARTS)[number]) => string
  #taken: boolean

  /**
   * @param state the user's folder for presence's state
   * @param taken the launcher holds the lock already
   */
  constructor(state: string, sessionId: string, taken = false) {
    this.#taken = taken
    this.#path = part => sessionFile(state, sessionId, part)
  }

  /**
   * True if a heartbeat is due, if it can't be determined whether one is, or if the clock was set back to
   * before the last one.
   */
  isDue(now: Date): boolean {
    const beat = this.#time('beat')
    return (
      beat === undefined || beat > now.getTime() || now.getTime() - beat >= HEARTBEAT_EVERY_SECONDS * 1_000
    )
  }

  beat(now: Date, told: readonly string[]): void {
    makeFolder(dirname(this.#path('beat')))
    writeFileSync(this.#path('beat'), told.map(key => `${key}\n`).join(''), { mode: 0o600 })
    writeFileSync(this.#path('due'), '', { mode: 0o600 })
    utimesSync(this.#path('beat'), now, now)
    const due = new Date(now.getTime() + HEARTBEAT_EVERY_SECONDS * 1_000)
    utimesSync(this.#path('due'), due, due)
  }

  told(): ReadonlySet<string> {
    try {
      return new Set(readFileSync(this.#path('beat'), 'utf8').split('\n').filter(Boolean))
    } catch {
      return new Set()
    }
  }

  shown(): ReadonlyMap<string, number> {
    try {
      const lines = readFileSync(this.#path('shown'), 'utf8').split('\n').filter(Boolean)
      return new Map(lines.map(line => [line.slice(line.indexOf(' ') + 1), Number.parseInt(line, 10)]))
    } catch {
      return new Map()
    }
  }

  show(ids: readonly string[]): void {
    if (ids.length === 0) return
    const shown = shownAgain(this.shown(), ids)
    makeFolder(dirname(this.#path('shown')))
    writeFileSync(this.#path('shown'), [...shown].map(([id, times]) => `${times} ${id}\n`).join(''), {
      mode: 0o600,
    })
  }

  /** The lock is a file that only one caller can create; bin/presence-hook creates the same file. */
  take(): boolean {
    if (this.#taken) return true
    try {
      makeFolder(dirname(this.#path('beat')))
      writeFileSync(this.#path('lock'), '', { flag: 'wx', mode: 0o600 })
      this.#taken = true
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return true
      if (!this.#isAbandoned()) return false
      rmSync(this.#path('lock'), { force: true })
      return this.take()
    }
  }

  /** Gives the lock back if this process holds it; the lock of another process is not touched. */
  unlock(): void {
    if (!this.#taken) return
    rmSync(this.#path('lock'), { force: true })
    this.#taken = false
  }

  /** A hook lives for a few seconds at most: an older lock was left by a hook that was killed. */
  #isAbandoned(): boolean {
    const taken = this.#time('lock')
    return taken === undefined || Math.abs(Date.now() - taken) > 60_000
  }

  #time(part: 'beat' | 'lock'): number | undefined {
    try {
      return statSync(this.#path(part)).mtimeMs
    } catch {
      return undefined
    }
  }
}

/** Deletes every file that is stored for a session. */
export function forgetSession(state: string, sessionId: string): void {
  for (const part of SESSION_PARTS) rmSync(sessionFile(state, sessionId, part), { force: true })
}
