import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  type Stats,
  writeFileSync,
} from 'node:fs'
import { PresenceError } from '@presence/core'

/** The most that is read at once, in bytes: about ten thousand calls. */
export const BYTES_MAX = 4 << 20
const { O_RDONLY, O_WRONLY, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants

/**
 * The stats of a regular file. Undefined if there is no file.
 *
 * @throws PresenceError `access_denied` if it is not a regular file, or is larger than `bytesMax`
 */
export function regular(path: string, bytesMax = BYTES_MAX): Stats | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (!found) return undefined
  if (!found.isFile()) throw unusable(path, new Error('it is not a regular file'))
  if (found.size > bytesMax) throw unusable(path, new Error(`it is larger than ${bytesMax} bytes`))
  return found
}

/** Reads a file from byte `from` on, at most `bytesMax` bytes. */
export function readFrom(path: string, from: number, bytesMax: number): Buffer {
  return opened(path, file => {
    const text = Buffer.alloc(Math.max(0, Math.min(fstatSync(file).size - from, bytesMax)))
    let read = 0
    for (let more = -1; more !== 0 && read < text.length; read += more)
      more = readSync(file, text, read, text.length - read, from + read)
    return text.subarray(0, read)
  })
}

export function linesOf(text: Buffer): readonly string[] {
  return text
    .toString('utf8')
    .split('\n')
    .filter(line => line.trim() !== '')
}

const NEWLINE = 0x0a

/** Cuts off a last line that has no newline. */
export function wholeLines(text: Buffer): Buffer {
  return text.subarray(0, text.lastIndexOf(NEWLINE) + 1)
}

export function opened<T>(path: string, work: (file: number) => T): T {
  const file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  try {
    return work(file)
  } finally {
    closeSync(file)
  }
}

/** Writes to a regular file, and never through a link. @param how more flags: `O_APPEND`, `O_EXCL` */
export function writeTo(path: string, how: number, text: string | Buffer): void {
  // Without O_NONBLOCK, opening a pipe that has no reader blocks forever.
  const file = openSync(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | how, 0o600)
  try {
    if (!fstatSync(file).isFile()) throw new Error('it is not a regular file')
    writeFileSync(file, text)
  } finally {
    closeSync(file)
  }
}

export function unusable(path: string, error: unknown): PresenceError {
  if (error instanceof PresenceError) return error
  const { code, message } = error as NodeJS.ErrnoException
  return new PresenceError(
    'access_denied',
    `${path} can't be used: ${code ?? message}`,
    'check that it is a regular file that you can read and write',
    {
      cause: error,
    },
  )
}
