import { appendFileSync, lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PresenceError } from '@presence/core'

/** Some ten thousand calls. */
const BYTES_MAX = 4 << 20

/**
 * The queue that seed 003's clients write in a project: `.claude/coord-queue.jsonl`. They append to it whenever they like,
 * with no lock, so it is read, worked through and only then cut down to what is left, with whatever came meanwhile.
 */
export class CoordQueueFile {
  readonly path: string
  /** Lines that could not be read or were refused, for somebody to look at. */
  readonly asidePath: string

  /** @param project the folder that `.claude` stands in */
  constructor(project: string) {
    this.path = join(project, '.claude/coord-queue.jsonl')
    this.asidePath = join(project, '.claude/coord-queue.aside.jsonl')
  }

  /** Undefined where there is nothing. @throws PresenceError `access_denied` where it is no file to read */
  read(): Buffer | undefined {
    try {
      const found = lstatSync(this.path, { throwIfNoEntry: false })
      if (!found) return undefined
      if (!found.isFile()) throw new Error('it is not a regular file')
      if (found.size > BYTES_MAX) throw new Error(`it is larger than ${BYTES_MAX} bytes`)
      return readFileSync(this.path)
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
      writeFileSync(beside, kept, { mode: 0o600 })
      renameSync(beside, this.path)
    } catch (error) {
      throw unusable(this.path, error)
    }
  }

  setAside(line: string): void {
    try {
      appendFileSync(this.asidePath, `${line}\n`, { mode: 0o600 })
    } catch (error) {
      throw unusable(this.asidePath, error)
    }
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
