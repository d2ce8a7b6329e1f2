import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { PresenceError } from '@presence/core'

const REMEDY = 'check that it is a regular file that you can read and write'

/**
 * Opens a regular file, and never through a link.
 *
 * @throws PresenceError `access_denied`
 */
export function openRegular(path: string, flags: number): number {
  return usable(path, () => {
    // Without O_NONBLOCK, opening a pipe waits for the process at its other end.
    const file = openSync(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o600)
    if (fstatSync(file).isFile()) return file
    closeSync(file)
    throw new Error('it is not a regular file')
  })
}

/** @throws PresenceError `access_denied`, with the path, if the work on the file fails */
export function usable<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw unusable(path, error)
  }
}

export function unusable(path: string, error: unknown, remedy = REMEDY): PresenceError {
  if (error instanceof PresenceError) return error
  const { code, message } = error as NodeJS.ErrnoException
  const why = code === 'ELOOP' ? 'it is a link' : (code ?? message)
  return new PresenceError('access_denied', `${path} can't be used: ${why}`, remedy, { cause: error })
}
