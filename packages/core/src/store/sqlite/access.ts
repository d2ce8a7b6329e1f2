import { accessSync, constants, type Stats, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

const ANOTHER = 'or name another board with --dsn'

/** What keeps a file from its user, to be said after what went wrong with it. */
export interface Denial {
  readonly reason: string
  readonly remedy: string
}

/** @throws where that can't be seen: a file in a closed folder is not one that isn't there */
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
 * Is it the mode of the board's file, or of a file that SQLite keeps beside it, that denies it to this user? SQLite
 * says the same of those as of a folder that can't be written, and what mends them is another's to do.
 */
export function denialOf(file: string): Denial | undefined {
  for (const each of [file, `${file}-wal`, `${file}-shm`]) {
    let found: Stats
    try {
      found = statSync(each)
    } catch (error) {
      if (isGone(error)) continue
      const folder = nearestSeen(dirname(each))
      return { reason: `${folder} is closed to you`, remedy: `ask its owner to let you in, ${ANOTHER}` }
    }
    if (found.isDirectory()) {
      const inside = join(each, 'board.db')
      return { reason: `${basename(each)} is a folder`, remedy: `name a file with --dsn: sqlite:${inside}` }
    }
    if (isDenied(each)) return denialBy(each, found)
  }
  return undefined
}

function denialBy(file: string, { uid, gid, mode }: Stats): Denial {
  const said = `the mode of ${basename(file)} is ${(mode & 0o777).toString(8)}`
  if (uid === process.geteuid?.()) return { reason: said, remedy: `run: chmod u+rw ${file}` }
  const reason = `${said}, and it is another user's`
  const groups = new Set([...(process.getgroups?.() ?? []), process.getegid?.()])
  if (groups.has(gid)) return { reason, remedy: `ask its owner: chmod 660 ${file}` }
  const folder = dirname(file)
  if (!groups.has(statSync(folder).gid))
    return { reason, remedy: `ask its owner to share it with a group of yours, ${ANOTHER}` }
  return {
    reason,
    remedy: `ask its owner: chgrp --reference=${folder} ${file} && chmod 660 ${file}; and for what is made there later: chmod g+s ${folder}`,
  }
}

function isDenied(file: string): boolean {
  try {
    accessSync(file, constants.R_OK | constants.W_OK)
    return false
  } catch (error) {
    // Not EROFS: that a file system is read-only is no matter of modes.
    return (error as NodeJS.ErrnoException).code === 'EACCES'
  }
}

/** The nearest folder, itself or above it, that can be seen: what is in it can't. */
function nearestSeen(folder: string): string {
  try {
    statSync(folder)
    return folder
  } catch {
    return dirname(folder) === folder ? folder : nearestSeen(dirname(folder))
  }
}

function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ENOTDIR'
}
