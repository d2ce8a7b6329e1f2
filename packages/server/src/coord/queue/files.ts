import { closeSync, constants, fstatSync, lstatSync, openSync, type Stats, writeFileSync } from 'node:fs'
import { PresenceError } from '@presence/core'

/** Some ten thousand calls. */
const BYTES_MAX = 4 << 20
const { O_RDONLY, O_WRONLY, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants

/** Undefined where there is nothing. @throws an error where it is no file to read */
export function regular(path: string): Stats | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (!found) return undefined
  if (!found.isFile()) throw new Error('it is not a regular file')
  if (found.size > BYTES_MAX) throw new Error(`it is larger than ${BYTES_MAX} bytes`)
  return found
}

export function opened<T>(path: string, work: (file: number) => T): T {
  const file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  try {
    return work(file)
  } finally {
    closeSync(file)
  }
}

/** @param how what is asked beyond a regular file of its own, with no link in the way: `O_APPEND`, `O_EXCL` */
export function writeTo(path: string, how: number, text: string | Buffer): void {
  // Without O_NONBLOCK opening a pipe that nobody reads waits for good.
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
    `${path} can not be used: ${code ?? message}`,
    'look at that file',
    {
      cause: error,
    },
  )
}
