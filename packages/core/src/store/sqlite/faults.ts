import { type FaultCode, PresenceError } from '../../domain/fault.ts'
import { denialOf } from './access.ts'

const REJECTED = "change the text: the board can't store it"

/**
 * The board's faults for SQLite's primary result codes, one extended code (sqlite.org/rescode.html), and
 * Node's file errors.
 */
const FAULTS: Readonly<Record<string, readonly [FaultCode, string, string]>> = {
  5: ['busy', 'is locked by another process', 'try again; if it stays locked, end the process that holds it'],
  6: ['busy', 'is locked by another process', 'try again; if it stays locked, end the process that holds it'],
  8: [
    'read_only',
    'is read-only',
    'make the file and its folder writable for you, or name another board with --dsn',
  ],
  10: [
    'damaged',
    "can't be read or written (an I/O error)",
    'check the disk, or name another board with --dsn',
  ],
  9: ['busy', 'ended the statement before it was done', 'try again'], // SQLITE_INTERRUPT
  15: ['busy', 'is locked by another process', 'try again'], // SQLITE_PROTOCOL: a race for the WAL's locks
  17: ['busy', 'ended the statement before it was done', 'try again'], // SQLITE_SCHEMA: another process altered it
  18: ['rejected', 'does not take this: it is too large', REJECTED], // SQLITE_TOOBIG
  20: ['rejected', 'does not take this: a value has the wrong type', REJECTED], // SQLITE_MISMATCH
  275: ['rejected', 'does not take this: a CHECK constraint refuses it', REJECTED], // SQLITE_CONSTRAINT_CHECK
  11: [
    'damaged',
    'is damaged',
    'move the file away and keep it: a new board starts empty, without claims, messages, work and history',
  ],
  13: ['full', "can't grow: the disk is full", 'free some room, or name another board with --dsn'],
  14: [
    'not_writable',
    "can't be opened",
    'make its folder writable for you, or name another board with --dsn',
  ],
  26: ['damaged', 'is not a board: not an SQLite file', 'name the right file with --dsn'],
  EACCES: [
    'not_writable',
    'is in a folder that you may not use',
    'make it writable for you, or name another board with --dsn',
  ],
  EPERM: [
    'not_writable',
    'is in a folder that you may not use',
    'make it writable for you, or name another board with --dsn',
  ],
  EROFS: ['read_only', 'is on a read-only file system', 'name another board with --dsn'],
  ENOSPC: ['full', "can't grow: the disk is full", 'free some room, or name another board with --dsn'],
  ENOTDIR: ['not_writable', 'is below something that is not a folder', 'name another board with --dsn'],
  EEXIST: ['not_writable', 'is below something that is not a folder', 'name another board with --dsn'],
}

/** The cause of these may be a file's mode or owner, which needs another remedy. */
const MAY_BE_DENIED: ReadonlySet<string> = new Set(['8', '14', 'EACCES', 'EPERM'])

/** Turns anything that SQLite or the file system threw into a fault that names the file and the remedy. */
export function sqliteFault(error: unknown, file: string): PresenceError {
  if (error instanceof PresenceError) return error
  const { errcode, code } = error as { errcode?: number; code?: string }
  if (/^no such table: (?:\w+\.)?presence_/.test((error as Error).message))
    return new PresenceError(
      'schema_missing',
      `the board ${file} lacks a table that was dropped (${(error as Error).message})`,
      'run: presence migrate',
      { cause: error },
    )
  const key = errcode === undefined ? String(code) : String(errcode & 0xff)
  const known = FAULTS[String(errcode)] ?? FAULTS[key]
  if (!known)
    return new PresenceError(
      'unexpected',
      `the board ${file} failed: ${error instanceof Error ? error.message : String(error)}`,
      'if it happens again, report it with this message',
      { cause: error },
    )
  const denial = MAY_BE_DENIED.has(key) ? denialOf(file) : undefined
  const message = `the board ${file} ${known[1]}${denial ? `: ${denial.reason}` : ''}`
  return new PresenceError(known[0], message, denial?.remedy ?? known[2], { cause: error })
}
