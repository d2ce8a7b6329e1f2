import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolder } from '../config/make-folder.ts'

/** Nobody is kept away for longer than this, whatever a server said or a damaged file holds. */
const HOLD_MS_MAX = 3_600_000

/** Until when a server asked to be left alone, in a file: every process of this user keeps away from it. */
export class Hold {
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  /** The moment before which the server is not contacted; undefined when it may be. */
  until(now = Date.now()): Date | undefined {
    const until = Date.parse(this.#read())
    if (until > now && until <= now + HOLD_MS_MAX) return new Date(until)
    if (!Number.isNaN(until)) unlessDenied(() => rmSync(this.#file, { force: true }))
    return undefined
  }

  set(until: Date, now = Date.now()): void {
    const bounded = Math.min(until.getTime(), now + HOLD_MS_MAX)
    unlessDenied(() => {
      makeFolder(dirname(this.#file))
      writeFileSync(this.#file, new Date(bounded).toISOString(), { mode: 0o600 })
    })
  }

  #read(): string {
    try {
      return readFileSync(this.#file, 'utf8').trim()
    } catch {
      return ''
    }
  }
}

/** A hold spares a server some questions: one that can't be noted is no reason to answer none. */
function unlessDenied(work: () => void): void {
  try {
    work()
  } catch {}
}
