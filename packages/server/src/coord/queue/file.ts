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
/** A last line without an end may still be written for so long, in milliseconds; an older one is what a client that died left. */
const WRITTEN_MS_MAX = 1_000
const { O_APPEND, O_EXCL } = constants

/**
 * The queue that seed 003's clients write in a project: `.claude/coord-queue.jsonl`. They append to it whenever they like,
 * with no lock, so it is put under another name before it is worked off: what comes meanwhile begins a new one. A file that
 * is found under that name is what somebody did not finish, and comes first. What was taken stays for a while as it is: whoever
 * had it open then may still write to it.
 *
 * A checkout may be anybody's work: nothing is read or written through a link in it.
 */
export class CoordQueueFile {
  readonly path: string
  /** Lines that could not be read or were refused, for somebody to look at. */
  readonly asidePath: string
  readonly #project: string
  readonly #folder: string
  readonly #taken: string
  readonly #past: PastQueues
  /** Of the file under that name, where this process made it, and so nobody else has it open. */
  #own: number | undefined

  /** @param project the folder that `.claude` stands in */
  constructor(project: string) {
    this.#project = project
    this.#folder = join(project, FOLDER)
    this.path = join(project, WAITING)
    this.asidePath = join(project, ASIDE)
    this.#taken = join(project, TAKEN)
    this.#past = new PastQueues(this.#folder)
  }

  /**
   * Sees that it is this user's queue, and came with no checkout: its calls are made in this user's name.
   *
   * @throws PresenceError `access_denied` where git tracks it, or can't say
   */
  async check(env: Environment): Promise<void> {
    try {
      const past = this.#past.names().map(name => `${FOLDER}/${name}`)
      const tracked = await trackedAmong(this.#project, FOLDER, [WAITING, TAKEN, ...past], env)
      if (tracked.length > 0)
        throw new Error(`git tracks ${tracked[0]}, so its calls are whoever wrote the checkout's`)
    } catch (error) {
      throw unusable(this.path, error)
    }
  }

  /** Is there something that was taken to be worked off, and is not? */
  get isTaken(): boolean {
    return lstatSync(this.#taken, { throwIfNoEntry: false }) !== undefined
  }

  /** Why something that was written late stays where it is, until somebody looks at it. */
  get stuck(): string | undefined {
    return this.#past.stuck
  }

  /**
   * What is to be worked off, without a last line that is still written; undefined where there is nothing.
   *
   * @throws PresenceError `access_denied` where it is no file to read
   */
  take(): Buffer | undefined {
    try {
      if (!this.#isThere()) return undefined
      const [taken, waiting] = [regular(this.#taken), regular(this.path)]
      // Its process ended in the middle of giving it back.
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
   * Cuts what was taken, and read as `was`, down to these lines and what was written to it since. False where it is as it was:
   * nothing of it is said to its end, or somebody put another file in its place, of which nothing is done.
   */
  keep(was: Buffer, left: readonly string[]): boolean {
    try {
      return opened(this.#taken, file => {
        const now = readFileSync(file)
        if (!now.subarray(0, was.length).equals(was) || (was.length === 0 && now.length > 0)) return false
        const lines = Buffer.from(left.map(line => `${line}\n`).join(''))
        const since = now.subarray(was.length)
        // The rest of a line that has no end yet comes where its beginning stands.
        const said = wholeLines(since)
        const isOwn = regular(this.#taken)?.ino === this.#own
        const isKept = !isOwn && this.#past.keep(this.#taken, was.length + said.length, Date.now())
        this.#replace(Buffer.concat([lines, isKept ? said : since]))
        if (isKept) return true
        // Whoever opened it before it was taken may have written to it only now.
        const late = readFileSync(file)
        if (late.length > 0) writeTo(this.#taken, O_APPEND, late)
        return true
      })
    } catch (error) {
      throw unusable(this.#taken, error)
    }
  }

  /**
   * Adds to what is taken what was written to earlier queues after they were worked off, and forgets those that nobody can
   * have open any more.
   *
   * @param now in milliseconds since 1970, by this host's clock
   * @returns whether there was any
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
   * Puts what is left back under its own name, unless a new queue has begun there: that comes after it.
   *
   * @returns how many lines are still to be made, with those that were written late
   */
  giveBack(): number {
    try {
      if (!this.#isThere()) return 0
      // What has begun since may be larger than the next will take: that is the next one's to say.
      const left = [this.#taken, this.path].map(path =>
        regular(path, Number.POSITIVE_INFINITY) ? linesOf(readFrom(path, 0, BYTES_MAX)).length : 0,
      )
      if (this.isTaken)
        try {
          linkSync(this.#taken, this.path)
          rmSync(this.#taken)
        } catch {
          // There is a new one, or the file system has no links: it is found where it is.
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
    // One that was left behind, or a link that was put there: the link goes, not what it leads to.
    rmSync(beside, { force: true })
    writeTo(beside, O_EXCL, kept)
    renameSync(beside, this.#taken)
    this.#own = regular(this.#taken)?.ino
  }

  /** Is the folder there, and in this project? */
  #isThere(): boolean {
    const found = lstatSync(this.#folder, { throwIfNoEntry: false })
    if (found && !found.isDirectory()) throw new Error(`${this.#folder} is not a folder of the project's own`)
    return found !== undefined
  }
}

/** What a file says, without a last line that has no end, is no call, and may still be written. */
function readSaid(file: number): Buffer {
  const text = readFileSync(file)
  const said = wholeLines(text)
  const last = text.subarray(said.length).toString('utf8')
  if (last.trim() === '' || typeof parseLine(last) !== 'string') return text
  return Math.abs(Date.now() - fstatSync(file).mtimeMs) < WRITTEN_MS_MAX ? said : text
}
