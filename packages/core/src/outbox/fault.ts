import { statfsSync } from 'node:fs'
import { isNowhere, WITHOUT_HOME } from '../config/folders.ts'
import { nearestFolder } from '../config/nearest-folder.ts'
import type { Flaw } from '../config/ownership.ts'
import { type FaultCode, PresenceError } from '../domain/fault.ts'

const NOT_QUEUED = 'nothing in it is delivered, and nothing more is queued'
const ELSEWHERE = 'or name another place for it: XDG_STATE_HOME'

/**
 * Maps Node's file errors, and SQLite's primary result codes (sqlite.org/rescode.html), because the outbox
 * uses SQLite for its locks.
 */
const KINDS: Readonly<Record<string, FaultCode>> = {
  8: 'read_only',
  13: 'full',
  EROFS: 'read_only',
  ENOSPC: 'full',
  EDQUOT: 'full',
}
/** Something else is in place of a file or a folder. */
const ODD: ReadonlySet<string> = new Set(['EISDIR', 'ENOTDIR', 'EEXIST', 'ENOTEMPTY'])

/** A fault of the outbox, not of the board: the call can be made without the outbox. */
export class OutboxFault extends PresenceError {}

/** Turns an error of the file system or the lock into a fault that names the folder and the remedy. */
export function outboxFault(error: unknown, folder: string): PresenceError {
  if (error instanceof PresenceError) return error
  if (isNowhere(folder))
    return new OutboxFault(
      'not_writable',
      `there is no folder for the outbox (${WITHOUT_HOME}): ${NOT_QUEUED}`,
      'set HOME or XDG_STATE_HOME',
      { cause: error },
    )
  const { code = '', errcode, path = folder } = error as { code?: string; errcode?: number; path?: string }
  const text = error instanceof Error ? error.message : String(error)
  const known = KINDS[errcode === undefined ? code : String(errcode & 0xff)]
  // On a full disk SQLite only reports that it can't open its file.
  const kind = errcode !== undefined && freeBytesAt(folder) === 0 ? 'full' : (known ?? 'not_writable')
  if (kind === 'full') return full(folder, error)
  return new OutboxFault(
    kind,
    `the outbox in ${folder} can't be used (${errcode === undefined && code !== '' ? code : text}): ${NOT_QUEUED}`,
    ODD.has(code)
      ? `the outbox needs this path, and something else is there; move it away: ${path}`
      : `${whoseRemedy(folder)}, ${ELSEWHERE}`,
    { cause: error },
  )
}

/** The fault for an outbox in which another user could have put something. */
export function unsafe(folder: string, { reason, remedy }: Flaw): OutboxFault {
  return new OutboxFault(
    'not_writable',
    `the outbox in ${folder} can't be used, ${reason}: ${NOT_QUEUED}`,
    remedy,
  )
}

/** The fault for an outbox without disk space. */
export function full(folder: string, cause?: unknown): OutboxFault {
  return new OutboxFault(
    'full',
    `the outbox in ${folder} can't be used, the disk is full: ${NOT_QUEUED}`,
    `free some room there, ${ELSEWHERE}`,
    { cause },
  )
}

/** The bytes that a file in the folder may take; undefined if unknown. */
export function freeBytesAt(folder: string): number | undefined {
  try {
    const { bavail, bsize, files, ffree } = statfsSync(nearestFolder(folder))
    return files > 0 && ffree === 0 ? 0 : bavail * bsize
  } catch {
    return undefined
  }
}

function whoseRemedy(folder: string): string {
  const nearest = nearestFolder(folder)
  if (nearest !== folder) return `make ${nearest} writable for you`
  return `make it yours: chown -R "$(id -un)" ${folder} && chmod -R u+rwX ${folder}`
}
