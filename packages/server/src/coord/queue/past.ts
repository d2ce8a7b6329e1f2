import { linkSync, readdirSync, renameSync, rmSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { BYTES_MAX, linesOf, readFrom, regular, unusable, wholeLines } from './files.ts'

/**
 * How long after its replay, or after its last write, a client may still have the file open, in milliseconds.
 */
const OPEN_MS_MAX = 60_000
/**
 * The name contains how many bytes are taken over, and when the file was kept, in milliseconds since 1970.
 */
const PAST = /^coord-queue\.past-(\d{1,9})-(\d{1,15})\.jsonl$/
/** The most that is handed over at once, in bytes: with a newline added, the size limit of an outbox file. */
const ROOM = BYTES_MAX - 1
const NEWLINE = Buffer.from('\n')

interface Past {
  readonly path: string
  /** How many bytes of it are taken over. */
  readonly taken: number
  readonly since: number
}

/**
 * Outbox files after their replay. Clients use no lock, so a client that opened a file before its rename may
 * write to it at any later time. So the file is kept, and each later sync checks its end.
 */
export class PastQueues {
  /**
   * Why a file was skipped and kept: it has a line that is too long for a call.
   * The other files don't wait for it.
   */
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

  /** Keeps a file, of which `taken` bytes are taken over. False if the file system has no hard links. */
  keep(path: string, taken: number, now: number): boolean {
    try {
      linkSync(path, this.#path(taken, now))
      return true
    } catch {
      return false
    }
  }

  /**
   * Hands over the bytes of the files that are not taken over yet, in whole lines and at most `ROOM` bytes in
   * total. Removes files that are old enough, and hands over their unfinished last line too.
   *
   * @returns whether anything was handed over
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
        this.stuck = `${past.path} has a line of more than ${ROOM} bytes: check that line, and delete it if it is not a call`
        continue
      }
      if (late.length > 0) room -= giveWhole(late, give)
      if (isOver) rmSync(past.path)
      else if (late.length > 0) renameSync(past.path, this.#path(past.taken + late.length, past.since))
      // The lines of the files after this one are later, so they wait for the next call.
      if (!isAll) break
    }
    return room < ROOM
  }

  /**
   * How many appended lines are not handed over yet.
   * Reads at most `BYTES_MAX` of each file, so there may be more.
   */
  left(): number {
    return this.#all().reduce((sum, past) => sum + linesOf(this.#read(past, BYTES_MAX).end).length, 0)
  }

  /** @throws PresenceError `access_denied`, with the path, if the file can't be read */
  #read(past: Past, bytesMax: number): { stats: Stats | undefined; end: Buffer } {
    try {
      const stats = regular(past.path, Number.POSITIVE_INFINITY)
      return { stats, end: stats ? readFrom(past.path, past.taken, bytesMax) : Buffer.alloc(0) }
    } catch (error) {
      throw unusable(past.path, error)
    }
  }

  /** The files in the order in which they were kept. */
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

/**
 * Hands over lines, with a newline after the last one.
 *
 * @returns the number of bytes, including an added newline
 */
function giveWhole(late: Buffer, give: (late: Buffer) => void): number {
  const whole = wholeLines(late).length === late.length ? late : Buffer.concat([late, NEWLINE])
  give(whole)
  return whole.length
}
