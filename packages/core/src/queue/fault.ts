import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { type FaultCode, PresenceError } from '../domain/fault.ts'

const NOT_QUEUED = 'nothing in it goes out, and nothing more is queued'
const ELSEWHERE = 'or name another place for it: XDG_STATE_HOME'

/** Node's file errors, and the primary result codes of SQLite, whose locks the queue takes (sqlite.org/rescode.html). */
const KINDS: Readonly<Record<string, FaultCode>> = {
  8: 'read_only',
  13: 'full',
  EROFS: 'read_only',
  ENOSPC: 'full',
  EDQUOT: 'full',
}

/** Trouble with the queue, which is no trouble of the board: what was asked for can be done without it. */
export class QueueFault extends PresenceError {}

/** Turns whatever the file system or the lock threw into a fault that names the folder and the remedy. */
export function queueFault(error: unknown, folder: string): PresenceError {
  if (error instanceof PresenceError) return error
  const { code = '', errcode, path = folder } = error as { code?: string; errcode?: number; path?: string }
  const text = error instanceof Error ? error.message : String(error)
  const reason = errcode === undefined && code !== '' ? code : text
  const known = KINDS[errcode === undefined ? code : String(errcode & 0xff)]
  // On a full disk SQLite only says that it can't open its file.
  const kind = errcode !== undefined && isFull(folder) ? 'full' : (known ?? 'not_writable')
  if (kind === 'full') return full(folder, error)
  const odd = code === 'EISDIR' || code === 'ENOTDIR' || code === 'EEXIST' || code === 'ENOTEMPTY'
  return new QueueFault(
    kind,
    `the queue in ${folder} can not be used (${reason}): ${NOT_QUEUED}`,
    odd
      ? `move away what is in the place of a file or a folder of the queue: ${path}`
      : `make it yours: chown -R "$(id -un)" ${folder} && chmod -R u+rwX ${folder}, ${ELSEWHERE}`,
    { cause: error },
  )
}

/** A queue that has no room left. */
function full(folder: string, cause: unknown): QueueFault {
  return new QueueFault(
    'full',
    `the queue in ${folder} can not be used, the disk is full: ${NOT_QUEUED}`,
    `free some room there, ${ELSEWHERE}`,
    { cause },
  )
}

/** Is there no room for a file in the folder, or in the nearest above it that is there? */
function isFull(folder: string): boolean {
  try {
    const { bavail, files, ffree } = statfsSync(folder)
    return bavail === 0 || (files > 0 && ffree === 0)
  } catch (error) {
    const gone = (error as NodeJS.ErrnoException).code === 'ENOENT'
    return gone && dirname(folder) !== folder && isFull(dirname(folder))
  }
}
