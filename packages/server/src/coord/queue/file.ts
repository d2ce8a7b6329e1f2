import { constants, linkSync, lstatSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment } from '@presence/core'
import { opened, regular, unusable, writeTo } from './files.ts'
import { PastQueues } from './past.ts'
import { trackedAmong } from './tracked.ts'

const FOLDER = '.claude'
const WAITING = '.claude/coord-queue.jsonl'
const TAKEN = '.claude/coord-queue.taken.jsonl'
const ASIDE = '.claude/coord-queue.aside.jsonl'
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

  /** What is to be worked off; undefined where there is nothing. @throws PresenceError `access_denied` where it is no file to read */
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
      return taken || waiting ? opened(this.#taken, file => readFileSync(file)) : undefined
    } catch (error) {
      throw unusable(this.path, error)
    }
  }

  /** Cuts what was taken, and read as `was`, down to these lines. */
  keep(was: Buffer, left: readonly string[]): void {
    try {
      opened(this.#taken, file => {
        const now = readFileSync(file)
        // Somebody put another file in its place: nothing of that is done.
        if (!now.subarray(0, was.length).equals(was)) return
        const lines = Buffer.from(left.map(line => `${line}\n`).join(''))
        const isOwn = regular(this.#taken)?.ino === this.#own
        const isKept = !isOwn && this.#past.keep(this.#taken, now.length, Date.now())
        this.#replace(Buffer.concat([lines, now.subarray(was.length)]))
        if (isKept) return
        // Whoever opened it before it was taken may have written to it only now.
        const late = readFileSync(file)
        if (late.length > 0) writeTo(this.#taken, O_APPEND, late)
      })
    } catch (error) {
      throw unusable(this.#taken, error)
    }
  }

  /**
   * Adds to what is taken what was written to earlier queues after they were worked off, and forgets those that nobody can
   * have open any more. Whether there was any.
   *
   * @param now in milliseconds since 1970, by this host's clock
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
   * Puts what is left back under its own name, unless a new queue has begun there: that comes after it. How many lines
   * both have.
   */
  giveBack(): number {
    try {
      const lines = [this.#taken, this.path].map(path =>
        regular(path) ? linesOf(opened(path, file => readFileSync(file))) : 0,
      )
      const left = lines.reduce((sum, each) => sum + each, 0)
      if (!this.isTaken) return left
      try {
        linkSync(this.#taken, this.path)
        rmSync(this.#taken)
      } catch {
        // There is a new one, or the file system has no links: it is found where it is.
      }
      return left
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

function linesOf(text: Buffer): number {
  return text
    .toString('utf8')
    .split('\n')
    .filter(line => line.trim() !== '').length
}
