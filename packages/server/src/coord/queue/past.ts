import { linkSync, readdirSync, renameSync, rmSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { BYTES_MAX, linesOf, readFrom, regular, unusable, wholeLines } from './files.ts'

/** How long after it was worked off, or last written to, somebody may still have a queue open, in milliseconds. */
const OPEN_MS_MAX = 60_000
/** How many bytes of it are taken over, and when it was put there, in milliseconds since 1970. */
const PAST = /^coord-queue\.past-(\d{1,9})-(\d{1,15})\.jsonl$/
/** So much is given at once, in bytes: with an end to its last line it is no more than a queue may have. */
const ROOM = BYTES_MAX - 1
const NEWLINE = Buffer.from('\n')

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
  /** Why one of them was passed over, and stays: no call is that long, and the others' don't wait for it. */
  stuck: string | undefined
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
   * Gives what was written to them since, in whole lines and no more at once than a queue may have, and removes those that are
   * old enough: half a line that nobody went on with is given too.
   */
  gather(now: number, give: (late: Buffer) => void): boolean {
    this.stuck = undefined
    let room = ROOM
    for (const past of this.#all()) {
      const { stats, end } = this.#read(past, room)
      if (!stats) continue
      const isAll = past.taken + end.length >= stats.size
      const isOver = isAll && now - Math.max(past.since, stats.mtimeMs) > OPEN_MS_MAX
      const late = isOver ? end : wholeLines(end)
      if (!isAll && late.length === 0 && room === ROOM) {
        this.stuck = `${past.path} has a line of more than ${ROOM} bytes: look at that file`
        continue
      }
      if (late.length > 0) room -= giveWhole(late, give)
      if (isOver) rmSync(past.path)
      else if (late.length > 0) renameSync(past.path, this.#path(past.taken + late.length, past.since))
      // What others have was written later: it comes with the next.
      if (!isAll) break
    }
    return room < ROOM
  }

  /** How many lines that were written to them since are not given yet; where these are more than is given at once, at least. */
  left(): number {
    return this.#all().reduce((sum, past) => sum + linesOf(this.#read(past, BYTES_MAX).end).length, 0)
  }

  /** @throws PresenceError `access_denied`, with the name of the one that can't be read */
  #read(past: Past, bytesMax: number): { stats: Stats | undefined; end: Buffer } {
    try {
      const stats = regular(past.path, Number.POSITIVE_INFINITY)
      return { stats, end: stats ? readFrom(past.path, past.taken, bytesMax) : Buffer.alloc(0) }
    } catch (error) {
      throw unusable(past.path, error)
    }
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

/** Gives lines, the last one with its end. How many bytes these are. */
function giveWhole(late: Buffer, give: (late: Buffer) => void): number {
  const whole = wholeLines(late).length === late.length ? late : Buffer.concat([late, NEWLINE])
  give(whole)
  return whole.length
}
