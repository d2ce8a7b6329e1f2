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
 * Creates the folder and file of a new board, accessible to the user only. In a setgid folder that is
 * writable for its group, the group gets access too, with any umask; the setgid bit makes the folder's
 * group the file's group. Never grants more than the folder grants, and never changes an existing board.
 * SQLite gives `-wal` and `-shm` the file's mode.
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
    // In one step, so that no other user finds a file without the group's rights. An empty file is an empty
    // board.
    linkSync(whole, file)
  } catch {
    // Ignore: another process was faster, or the file system has no links. SQLite opens the existing file, or
    // creates it.
  } finally {
    unlinkSync(whole)
  }
}

/** Creates a folder and those above it. Each is shared like the folder above it. */
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

/**
 * The rights that a folder grants its group, if files created in it should belong to the group too; else 0.
 */
function sharedBits(folder: string): number {
  const { mode } = statSync(folder)
  return mode & SETGID && mode & GROUP_WRITES ? mode & GROUP : 0
}
