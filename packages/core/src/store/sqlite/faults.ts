import { accessSync, constants } from 'node:fs'
import { dirname, relative } from 'node:path'
import { homeFolder } from '../../config/folders.ts'
import { nearestFolder } from '../../config/nearest-folder.ts'
import { sandboxedFile } from '../../config/sandbox.ts'
import { pathOf } from '../../domain/agent-text.ts'
import { type FaultCode, PresenceError } from '../../domain/fault.ts'
import { denialOf } from './access.ts'
import { NotABoard } from './raw-schema.ts'

const REJECTED = "change the text: the board can't store it"
const ANOTHER = 'name another board in the DSN (PRESENCE_DSN or the option dsn)'
const ANOTHER_FILE =
  'name another file in the DSN (PRESENCE_DSN or the option dsn); one that does not exist yet becomes a new board'
const LOCKED = [
  'busy',
  'is locked by another process',
  'try again; if it stays locked, end the process that holds it',
] as const
const DAMAGED =
  'move the file away and keep it: a new board starts empty, without claims, messages, work and history'
const FULL = ['full', "can't grow: the disk is full", `free some room, or ${ANOTHER}`] as const
const CLOSED = [
  'not_writable',
  'is in a folder that you may not use',
  `make it writable for you, or ${ANOTHER}`,
] as const
const UNPLACEABLE = ['not_writable', 'is below something that is not a folder', ANOTHER] as const

/**
 * The board's faults for SQLite's primary result codes, one extended code (sqlite.org/rescode.html), and
 * Node's file errors.
 */
const FAULTS: Readonly<Record<string, readonly [FaultCode, string, string]>> = {
  3: CLOSED, // SQLITE_PERM
  5: LOCKED,
  6: LOCKED,
  8: ['read_only', 'is read-only', `make the file and its folder writable for you, or ${ANOTHER}`],
  9: ['busy', 'ended the statement before it was done', 'try again'], // SQLITE_INTERRUPT
  10: ['damaged', "can't be read or written (an I/O error)", `check the disk, or ${ANOTHER}`],
  11: ['damaged', 'is damaged', DAMAGED],
  13: FULL,
  14: ['not_writable', "can't be opened", `make its folder writable for you, or ${ANOTHER}`],
  15: ['busy', 'is locked by another process', 'try again'], // SQLITE_PROTOCOL: a race for the WAL's locks
  17: ['busy', 'ended the statement before it was done', 'try again'], // SQLITE_SCHEMA: another process altered it
  20: ['rejected', 'does not take this: a value has the wrong type', REJECTED], // SQLITE_MISMATCH
  26: ['damaged', 'is not a presence board: it is not an SQLite file', ANOTHER_FILE],
  275: ['rejected', 'does not take this: a CHECK constraint refuses it', REJECTED], // SQLITE_CONSTRAINT_CHECK
  EACCES: CLOSED,
  EPERM: CLOSED,
  EROFS: ['read_only', 'is on a read-only file system', ANOTHER],
  ENOSPC: FULL,
  EDQUOT: FULL,
  ENOTDIR: UNPLACEABLE,
  EEXIST: UNPLACEABLE,
  ENOENT: ['not_writable', "is in a folder that can't be made", ANOTHER], // as in /proc
  ELOOP: ['not_writable', 'is behind a link that leads to itself', ANOTHER],
  ENAMETOOLONG: ['not_writable', 'has too long a path', ANOTHER],
}

/** SQLITE_TOOBIG. What presence writes is limited before, so it met a longer value in the file. */
const TOO_BIG = 18

/** The cause of these may be a file's mode or owner, which needs another remedy. */
const MAY_BE_DENIED: ReadonlySet<string> = new Set(['8', '14', 'EACCES', 'EPERM'])
/** The cause of these may be a sandbox. */
const MAY_BE_SANDBOXED: ReadonlySet<string> = new Set([...MAY_BE_DENIED, '3', '10', 'EROFS'])

/** Turns anything that SQLite or the file system threw into a fault that names the file and the remedy. */
export function sqliteFault(error: unknown, file: string): PresenceError {
  if (error instanceof PresenceError) return error
  if (error instanceof NotABoard)
    return new PresenceError(
      'damaged',
      `the file ${pathOf(file)} is not a presence board: ${error.message}`,
      ANOTHER_FILE,
    )
  const { errcode, code } = error as { errcode?: number; code?: string }
  if (/^no such table: (?:\w+\.)?presence_/.test((error as Error).message))
    return new PresenceError(
      'schema_missing',
      `the board ${pathOf(file)} lacks a table that was dropped (${(error as Error).message})`,
      'run: presence migrate',
      { cause: error },
    )
  if (code === 'ERR_OUT_OF_RANGE' || errcode === TOO_BIG)
    return new PresenceError(
      'damaged',
      `the board ${pathOf(file)} has a value that presence never writes (${(error as Error).message})`,
      `delete that row, or ${ANOTHER}`,
      { cause: error },
    )
  const key = keyOf(errcode, code, file)
  const known = FAULTS[String(errcode)] ?? FAULTS[key]
  if (!known)
    return new PresenceError(
      'unexpected',
      `the board ${pathOf(file)} failed: ${error instanceof Error ? error.message : String(error)}`,
      'if it happens again, report it with this message',
      { cause: error },
    )
  const denial = MAY_BE_DENIED.has(key) ? denialOf(file) : undefined
  const name = key.startsWith('E') ? key : `SQLite's error ${key}`
  const sandboxed = !denial && MAY_BE_SANDBOXED.has(key) && sandboxedFile(name, file, error)
  if (sandboxed) return sandboxed
  // The reason says whether it is the folder or the file.
  const what = denial && key.startsWith('E') ? "can't be opened" : known[1]
  const message = `the board ${pathOf(file)} ${what}${denial ? `: ${denial.reason}` : ''}`
  return new PresenceError(
    known[0],
    message,
    denial?.remedy ?? (known[0] === 'not_writable' ? homeRemedy(file) : undefined) ?? known[2],
    { cause: error },
  )
}

/** The remedy for a board in a home that isn't this user's, as in a container that runs as a uid without a home. */
function homeRemedy(file: string): string | undefined {
  const home = homeFolder(process.env)
  if (home === undefined || relative(home, file).startsWith('..')) return undefined
  try {
    accessSync(home, constants.W_OK)
    return undefined
  } catch {
    return `set HOME to a folder of your own, or ${ANOTHER}`
  }
}

/** SQLite doesn't tell a read-only file system from a file or folder that may not be written. */
function keyOf(errcode: number | undefined, code: string | undefined, file: string): string {
  if (errcode === undefined) return String(code)
  const key = String(errcode & 0xff)
  return (key === '8' || key === '14') && isReadOnlyAt(file) ? 'EROFS' : key
}

function isReadOnlyAt(file: string): boolean {
  try {
    accessSync(nearestFolder(dirname(file)), constants.W_OK)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EROFS'
  }
}
