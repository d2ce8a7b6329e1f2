import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  statSync,
  unlinkSync,
} from 'node:fs'
import { dirname } from 'node:path'

const SETGID = 0o2000
const GROUP = 0o070
const GROUP_WRITES = 0o020
const GROUP_FILE = 0o060

/**
 * Makes folder and file of a board that isn't there yet: its user's alone, but in a setgid folder that a group writes
 * to its group's too, whatever the umask. The group itself is the folder's, by the setgid bit; nothing is ever granted
 * that the folder doesn't grant, and a board that is there is left as it is. SQLite gives `-wal` and `-shm` the file's
 * mode.
 */
export function makeNewFile(file: string): void {
  if (existsSync(file)) return
  const folder = dirname(file)
  makeFolder(folder)
  const mode = 0o600 | (sharedBits(folder) & GROUP_FILE)
  const whole = `${file}.${Math.random().toString(36).slice(2)}.new`
  closeSync(openSync(whole, 'wx', 0o600))
  try {
    chmodSync(whole, mode)
    // In one step: another user must never meet a file that is not yet the group's. An empty file is an empty board.
    linkSync(whole, file)
  } catch {
    // Another process was first, or the file system has no links; SQLite opens what is there, or makes it.
  } finally {
    unlinkSync(whole)
  }
}

/** Each folder that is made is shared as the one above it is. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  const shared = sharedBits(dirname(folder))
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return
    throw error
  }
  if (shared) chmodSync(folder, 0o700 | SETGID | shared)
}

/** What a folder grants its group, where what is made in it is to be the group's too. */
function sharedBits(folder: string): number {
  const { mode } = statSync(folder)
  return mode & SETGID && mode & GROUP_WRITES ? mode & GROUP : 0
}
