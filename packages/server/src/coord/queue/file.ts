import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type Environment, PresenceError } from '@presence/core'
import { trackedAmong } from './tracked.ts'

/** Some ten thousand calls. */
const BYTES_MAX = 4 << 20
const FOLDER = '.claude'
const WAITING = '.claude/coord-queue.jsonl'
const TAKEN = '.claude/coord-queue.taken.jsonl'
const ASIDE = '.claude/coord-queue.aside.jsonl'
const { O_RDONLY, O_WRONLY, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants

/**
 * The queue that seed 003's clients write in a project: `.claude/coord-queue.jsonl`. They append to it whenever they like,
 * with no lock, so it is put under another name before it is worked off: what comes meanwhile begins a new one. A file that
 * is found under that name is what somebody did not finish, and comes first.
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

  /** @param project the folder that `.claude` stands in */
  constructor(project: string) {
    this.#project = project
    this.#folder = join(project, FOLDER)
    this.path = join(project, WAITING)
    this.asidePath = join(project, ASIDE)
    this.#taken = join(project, TAKEN)
  }

  /**
   * Sees that it is this user's queue, and came with no checkout: its calls are made in this user's name.
   *
   * @throws PresenceError `access_denied` where git tracks it, or can't say
   */
  async check(env: Environment): Promise<void> {
    try {
      const tracked = await trackedAmong(this.#project, FOLDER, [WAITING, TAKEN], env)
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
      if (waiting && (!taken || isBack)) renameSync(this.path, this.#taken)
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
        this.#replace(Buffer.concat([lines, now.subarray(was.length)]))
        // Whoever opened it before it was taken may have written to it only now.
        const late = readFileSync(file)
        if (late.length > 0) writeTo(this.#taken, O_APPEND, late)
      })
    } catch (error) {
      throw unusable(this.#taken, error)
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

/** Undefined where there is nothing. @throws an error where it is no file to read */
function regular(path: string): Stats | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (!found) return undefined
  if (!found.isFile()) throw new Error('it is not a regular file')
  if (found.size > BYTES_MAX) throw new Error(`it is larger than ${BYTES_MAX} bytes`)
  return found
}

function opened<T>(path: string, work: (file: number) => T): T {
  const file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  try {
    return work(file)
  } finally {
    closeSync(file)
  }
}

/** @param how what is asked beyond a regular file of its own, with no link in the way: `O_APPEND`, `O_EXCL` */
function writeTo(path: string, how: number, text: string | Buffer): void {
  // Without O_NONBLOCK opening a pipe that nobody reads waits for good.
  const file = openSync(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | how, 0o600)
  try {
    if (!fstatSync(file).isFile()) throw new Error('it is not a regular file')
    writeFileSync(file, text)
  } finally {
    closeSync(file)
  }
}

function unusable(path: string, error: unknown): PresenceError {
  if (error instanceof PresenceError) return error
  const { code, message } = error as NodeJS.ErrnoException
  return new PresenceError(
    'access_denied',
    `${path} can not be used: ${code ?? message}`,
    'look at that file',
    {
      cause: error,
    },
  )
}
