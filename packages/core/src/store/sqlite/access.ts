import { accessSync, constants, type Stats, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { pathOf } from '../../domain/agent-text.ts'

const ANOTHER = 'or name another board in the DSN (PRESENCE_DSN or the option dsn)'

/** Why this user can't use a file, and the remedy; completes a message about what failed. */
export interface Denial {
  readonly reason: string
  readonly remedy: string
}

/** True if the file exists. @throws if that can't be determined: a file in a closed folder may exist */
export function isThere(file: string): boolean {
  try {
    statSync(file)
    return true
  } catch (error) {
    if (isGone(error)) return false
    throw error
  }
}

/**
 * Tells whether the mode of the board's file, or of a file that SQLite keeps beside it, denies it to this
 * user. SQLite reports these like a folder that isn't writable, but they need another remedy.
 */
export function denialOf(file: string): Denial | undefined {
  for (const each of [file, `${file}-wal`, `${file}-shm`]) {
    let found: Stats
    try {
      found = statSync(each)
    } catch (error) {
      if (isGone(error)) continue
      const folder = nearestSeen(dirname(each))
      return {
        reason: `you have no access to ${pathOf(folder)}`,
        remedy: `ask its owner to let you in, ${ANOTHER}`,
      }
    }
    if (found.isDirectory()) {
      const inside = join(each, 'board.db')
      return {
        reason: `${pathOf(basename(each))} is a folder`,
        remedy: `name a file in the DSN: sqlite:${pathOf(inside)}`,
      }
    }
    if (isDenied(each)) return denialBy(each, found)
  }
  return undefined
}

function denialBy(file: string, { uid, gid, mode }: Stats): Denial {
  const said = `the mode of ${pathOf(basename(file))} is ${(mode & 0o777).toString(8)}`
  if (uid === process.geteuid?.()) return { reason: said, remedy: `run: chmod u+rw ${pathOf(file)}` }
  const reason = `${said}, and it is another user's`
  const groups = new Set([...(process.getgroups?.() ?? []), process.getegid?.()])
  if (groups.has(gid)) return { reason, remedy: `ask its owner: chmod 660 ${pathOf(file)}` }
  const folder = dirname(file)
  if (!groups.has(statSync(folder).gid))
    return { reason, remedy: `ask its owner to share it with a group of yours, ${ANOTHER}` }
  return {
    reason,
    remedy: `ask its owner: chgrp --reference=${pathOf(folder)} ${pathOf(file)} && chmod 660 ${pathOf(file)}; and for files that are made there later: chmod g+s ${pathOf(folder)}`,
  }
}

function isDenied(file: string): boolean {
  try {
    accessSync(file, constants.R_OK | constants.W_OK)
    return false
  } catch (error) {
    // Not EROFS: a read-only file system has nothing to do with modes.
    return (error as NodeJS.ErrnoException).code === 'EACCES'
  }
}

/** The nearest folder that is visible: the folder itself, or one above it. */
function nearestSeen(folder: string): string {
  try {
    statSync(folder)
    return folder
  } catch {
    return dirname(folder) === folder ? folder : nearestSeen(dirname(folder))
  }
}

export function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ENOTDIR'
}
