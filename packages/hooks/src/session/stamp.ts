import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolder, SESSION_PARTS, sessionFile } from '@presence/core'
import { HEARTBEAT_EVERY_SECONDS, type Stamp, shownAgain } from '../host.ts'

/**
 * When a session's heart beat last, as two files whose ages bin/presence-hook compares before Node starts: `.beat` is as
 * old as the last heartbeat, `.due` bears the time of the next one. Both in one folder of this user's alone.
 */
export class FileStamp implements Stamp {
  readonly #path: (part: (typeof SESSION_PARTS)[number]) => string
  #taken: boolean

  /**
   * @param state the user's folder for presence's state
   * @param taken the launcher has taken the leave to beat already
   */
  constructor(state: string, sessionId: string, taken = false) {
    this.#taken = taken
    this.#path = part => sessionFile(state, sessionId, part)
  }

  /** Is a heartbeat due? Also where nobody knows, and where the clock was set back behind the last one. */
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

  /** Of parallel calls one gets leave to beat (bin/presence-hook takes the same file); it gives it back at the end. */
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

  /** Gives the leave back, if this process has it: another's is not touched. */
  giveBack(): void {
    if (!this.#taken) return
    rmSync(this.#path('lock'), { force: true })
    this.#taken = false
  }

  /** A hook lives for some seconds at most: a lock that is older is of one that was killed. */
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

/** Takes away every file that is kept of a session. */
export function forgetSession(state: string, sessionId: string): void {
  for (const part of SESSION_PARTS) rmSync(sessionFile(state, sessionId, part), { force: true })
}
