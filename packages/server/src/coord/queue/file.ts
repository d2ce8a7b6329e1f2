import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type Environment, PresenceError } from '@presence/core'
import { trackedAmong } from './tracked.ts'

/** Some ten thousand calls. */
const BYTES_MAX = 4 << 20
const FOLDER = '.claude'
const WAITING = '.claude/coord-queue.jsonl'
const ASIDE = '.claude/coord-queue.aside.jsonl'
const { O_RDONLY, O_WRONLY, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants

/**
 * The queue that seed 003's clients write in a project: `.claude/coord-queue.jsonl`. They append to it whenever they like,
 * with no lock, so it is read, worked through and only then cut down to what is left, with whatever came meanwhile.
 *
 * A checkout may be anybody's work: nothing is read or written through a link in it.
 */
export class CoordQueueFile {
  readonly path: string
  /** Lines that could not be read or were refused, for somebody to look at. */
  readonly asidePath: string
  readonly #project: string
  readonly #folder: string

  /** @param project the folder that `.claude` stands in */
  constructor(project: string) {
    this.#project = project
    this.#folder = join(project, FOLDER)
    this.path = join(project, WAITING)
    this.asidePath = join(project, ASIDE)
  }

  /**
   * Sees that it is this user's queue, and came with no checkout: its calls are made in this user's name.
   *
   * @throws PresenceError `access_denied` where git tracks it, or can't say
   */
  async check(env: Environment): Promise<void> {
    try {
      const tracked = await trackedAmong(this.#project, FOLDER, [WAITING], env)
      if (tracked.length > 0)
        throw new Error(`git tracks ${tracked[0]}, so its calls are whoever wrote the checkout's`)
    } catch (error) {
      throw unusable(this.path, error)
    }
  }

  /** Undefined where there is nothing. @throws PresenceError `access_denied` where it is no file to read */
  read(): Buffer | undefined {
    try {
      return this.#isThere() ? readRegular(this.path) : undefined
    } catch (error) {
      throw unusable(this.path, error)
    }
  }

  /** Takes the first `bytes` bytes off, which were read as `was`, but for these lines. */
  keep(was: Buffer, left: readonly string[]): void {
    try {
      const now = this.read()
      // Somebody put another file in its place: nothing of that is done.
      if (!now?.subarray(0, was.length).equals(was)) return
      const came = now.subarray(was.length)
      const kept = Buffer.concat([Buffer.from(left.map(line => `${line}\n`).join('')), came])
      if (kept.length === 0) {
        rmSync(this.path)
        return
      }
      const beside = `${this.path}.new`
      // One that was left behind, or a link that was put there: the link goes, not what it leads to.
      rmSync(beside, { force: true })
      writeTo(beside, O_EXCL, kept)
      renameSync(beside, this.path)
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

  /** Is the folder there, and in this project? */
  #isThere(): boolean {
    const found = lstatSync(this.#folder, { throwIfNoEntry: false })
    if (found && !found.isDirectory()) throw new Error(`${this.#folder} is not a folder of the project's own`)
    return found !== undefined
  }
}

function readRegular(path: string): Buffer | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (!found) return undefined
  if (!found.isFile()) throw new Error('it is not a regular file')
  if (found.size > BYTES_MAX) throw new Error(`it is larger than ${BYTES_MAX} bytes`)
  const file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  try {
    return readFileSync(file)
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
