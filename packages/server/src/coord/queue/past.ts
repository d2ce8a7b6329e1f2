import { linkSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { opened, regular } from './files.ts'

/** How long after it was worked off, or last written to, somebody may still have a queue open, in milliseconds. */
const OPEN_MS_MAX = 60_000
/** How many bytes of it are taken over, and when it was put there, in milliseconds since 1970. */
const PAST = /^coord-queue\.past-(\d{1,9})-(\d{1,15})\.jsonl$/
const NEWLINE = 0x0a

interface Past {
  readonly path: string
  /** So many bytes of it are taken over. */
  readonly taken: number
  readonly since: number
}

/**
 * Queues that were worked off. They have no lock, so whoever opened one before it was taken may write to it later than any
 * wait: it stays where it is, and its end is looked at by each later sync.
 */
export class PastQueues {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  names(): readonly string[] {
    try {
      return readdirSync(this.#folder).filter(name => PAST.test(name))
    } catch {
      return []
    }
  }

  /** Keeps a queue, of which so many bytes are taken over. False where the file system has no links. */
  keep(path: string, taken: number, now: number): boolean {
    try {
      linkSync(path, this.#path(taken, now))
      return true
    } catch {
      return false
    }
  }

  /**
   * Gives what was written to them since, in whole lines, and removes those that are old enough: half a line that nobody went
   * on with is given too.
   */
  gather(now: number, give: (late: Buffer) => void): boolean {
    let found = false
    for (const past of this.#all()) {
      const stats = regular(past.path)
      if (!stats) continue
      const isOver = now - Math.max(past.since, stats.mtimeMs) > OPEN_MS_MAX
      const end = opened(past.path, file => readFileSync(file)).subarray(past.taken)
      const late = isOver ? end : end.subarray(0, end.lastIndexOf(NEWLINE) + 1)
      if (late.length > 0) {
        give(late.at(-1) === NEWLINE ? late : Buffer.concat([late, Buffer.of(NEWLINE)]))
        found = true
      }
      if (isOver) rmSync(past.path)
      else if (late.length > 0) renameSync(past.path, this.#path(past.taken + late.length, past.since))
    }
    return found
  }

  /** In the order in which they were kept. */
  #all(): readonly Past[] {
    return this.names()
      .map(name => {
        const [, taken, since] = PAST.exec(name) ?? []
        return { path: join(this.#folder, name), taken: Number(taken), since: Number(since) }
      })
      .toSorted((a, b) => a.since - b.since)
  }

  #path(taken: number, since: number): string {
    return join(this.#folder, `coord-queue.past-${taken}-${since}.jsonl`)
  }
}
