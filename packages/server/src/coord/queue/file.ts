import { constants, fstatSync, linkSync, lstatSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment } from '@presence/core'
import { BYTES_MAX, linesOf, opened, readFrom, regular, unusable, wholeLines, writeTo } from './files.ts'
import { parseLine } from './line.ts'
import { PastQueues } from './past.ts'
import { trackedAmong } from './tracked.ts'

const FOLDER = '.claude'
const WAITING = '.claude/coord-queue.jsonl'
const TAKEN = '.claude/coord-queue.taken.jsonl'
const ASIDE = '.claude/coord-queue.aside.jsonl'
/**
 * How long a last line without a newline counts as still being written, in milliseconds. An older one was
 * left by a client that died.
 */
const WRITTEN_MS_MAX = 1_000
const { O_APPEND, O_EXCL } = constants

/**
 * The outbox that seed 003's clients write in a project: `.claude/coord-queue.jsonl`. Clients append to it at
 * any time and without a lock. So it is renamed before its calls are made, and later appends start a new
 * file. A file that already has the second name comes from a replay that did not finish, and is replayed
 * first. A replayed file is kept for a while, because a client that opened it before the rename may still
 * write to it.
 *
 * The checkout is not trusted: no file is read or written through a link in it.
 */
export class CoordQueueFile {
  readonly path: string
  /** Dead letters: lines that could not be read or that the server refused. */
  readonly asidePath: string
  readonly #project: string
  readonly #folder: string
  readonly #taken: string
  readonly #past: PastQueues
  /** The inode of the taken file if this process created it. No other process has that file open. */
  #own: number | undefined

  /** @param project the folder that contains `.claude` */
  constructor(project: string) {
    this.#project = project
    this.#folder = join(project, FOLDER)
    this.path = join(project, WAITING)
    this.asidePath = join(project, ASIDE)
    this.#taken = join(project, TAKEN)
    this.#past = new PastQueues(this.#folder)
  }

  /**
   * Checks that the outbox was not checked out with the repository. Its calls are made in this user's name,
   * so it must be the user's own.
   *
   * @throws PresenceError `access_denied` if git tracks it, or can't tell
   */
  async check(env: Environment): Promise<void> {
    try {
      const past = this.#past.names().map(name => `${FOLDER}/${name}`)
      const tracked = await trackedAmong(this.#project, FOLDER, [WAITING, TAKEN, ...past], env)
      if (tracked.length > 0)
        throw new Error(`git tracks ${tracked[0]}, so another person may have written its calls`)
    } catch (error) {
      throw unusable(this.path, error)
    }
  }

  /** Whether there is a taken file whose calls are not all made. */
  get isTaken(): boolean {
    return lstatSync(this.#taken, { throwIfNoEntry: false }) !== undefined
  }

  /** Why late lines can't be replayed until a person looks at the file. Undefined if they can. */
  get stuck(): string | undefined {
    return this.#past.stuck
  }

  /**
   * Renames the outbox unless a taken file exists, and returns the lines to replay, without a last line that
   * is still being written. Undefined if there is no file.
   *
   * @throws PresenceError `access_denied` if it is not a readable regular file
   */
  take(): Buffer | undefined {
    try {
      if (!this.#isThere()) return undefined
      const [taken, waiting] = [regular(this.#taken), regular(this.path)]
      // Both names lead to one file: a process ended in the middle of `giveBack`.
      const isBack = taken !== undefined && taken.ino === waiting?.ino
      if (isBack) rmSync(this.#taken)
      if (waiting && (!taken || isBack)) {
        renameSync(this.path, this.#taken)
        this.#own = undefined
      }
      return taken || waiting ? opened(this.#taken, readSaid) : undefined
    } catch (error) {
      throw unusable(this.path, error)
    }
  }

  /**
   * Replaces the taken file, which was read as `was`, by the lines that are
   * left and by what was appended since. Returns false and changes nothing
   * if no full line was read yet, or if another file was put in its place.
   */
  keep(was: Buffer, left: readonly string[]): boolean {
    try {
      return opened(this.#taken, file => {
        const now = readFileSync(file)
        if (!now.subarray(0, was.length).equals(was) || (was.length === 0 && now.length > 0)) return false
        const lines = Buffer.from(left.map(line => `${line}\n`).join(''))
        const since = now.subarray(was.length)
        // A line without an end stays in the past file, where the rest of it will be appended.
        const said = wholeLines(since)
        const isOwn = regular(this.#taken)?.ino === this.#own
        const isKept = !isOwn && this.#past.keep(this.#taken, was.length + said.length, Date.now())
        this.#replace(Buffer.concat([lines, isKept ? said : since]))
        if (isKept) return true
        // Without a past file: a client that opened the file before the rename may have appended until now.
        const late = readFileSync(file)
        if (late.length > 0) writeTo(this.#taken, O_APPEND, late)
        return true
      })
    } catch (error) {
      throw unusable(this.#taken, error)
    }
  }

  /**
   * Appends to the taken file what was written to earlier outbox files after their replay, and removes those
   * that no client can still have open.
   *
   * @param now in milliseconds since 1970, by this host's clock
   * @returns whether there were late lines
   */
  gather(now: number): boolean {
    try {
      if (!this.#isThere()) return false
      return this.#past.gather(now, late => {
        const isNew = !this.isTaken
        writeTo(this.#taken, O_APPEND, late)
        if (isNew) this.#own = regular(this.#taken)?.ino
      })
    } catch (error) {
      throw unusable(this.path, error)
    }
  }

  /**
   * Renames the rest of the taken file back, unless a new outbox exists under that name. In that case the
   * taken file stays and is replayed first.
   *
   * @returns how many lines are left, including late ones
   */
  giveBack(): number {
    try {
      if (!this.#isThere()) return 0
      // Don't limit the size here: the next `take` reports a new outbox that is too large.
      const left = [this.#taken, this.path].map(path =>
        regular(path, Number.POSITIVE_INFINITY) ? linesOf(readFrom(path, 0, BYTES_MAX)).length : 0,
      )
      if (this.isTaken)
        try {
          linkSync(this.#taken, this.path)
          rmSync(this.#taken)
        } catch {
          // There is a new outbox, or the file system has no links. The next replay finds the taken file.
        }
      return left.reduce((sum, each) => sum + each, this.#past.left())
    } catch (error) {
      throw unusable(this.path, error)
    }
  }

  setAside(line: string): void {
    try {
      if (!this.#isThere()) throw new Error(`${this.#folder} is gone`)
      writeTo(this.asidePath, O_APPEND, `${line}\n`)
    } catch (error) {
      throw unusable(this.asidePath, error)
    }
  }

  #replace(kept: Buffer): void {
    if (kept.length === 0) {
      rmSync(this.#taken)
      return
    }
    const beside = `${this.#taken}.new`
    // Remove a leftover file, or a link that was put there. `rmSync` removes the link, not its target.
    rmSync(beside, { force: true })
    writeTo(beside, O_EXCL, kept)
    renameSync(beside, this.#taken)
    this.#own = regular(this.#taken)?.ino
  }

  /** Whether the folder exists. @throws if it is a link or not a folder */
  #isThere(): boolean {
    const found = lstatSync(this.#folder, { throwIfNoEntry: false })
    if (found && !found.isDirectory()) throw new Error(`${this.#folder} is a link or not a folder`)
    return found !== undefined
  }
}

/**
 * Reads a file, without a last line that has no newline,
 * can't be parsed, and may still be in the middle of a write.
 */
function readSaid(file: number): Buffer {
  const text = readFileSync(file)
  const said = wholeLines(text)
  const last = text.subarray(said.length).toString('utf8')
  if (last.trim() === '' || typeof parseLine(last) !== 'string') return text
  return Math.abs(Date.now() - fstatSync(file).mtimeMs) < WRITTEN_MS_MAX ? said : text
}
