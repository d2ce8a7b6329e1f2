import { closeSync, lstatSync, readSync, realpathSync, type Stats, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { isOneself } from '../../config/ownership.ts'
import { pathOf } from '../../domain/agent-text.ts'
import { PresenceError } from '../../domain/fault.ts'
import { isGone } from './access.ts'
import { NotABoard, openForReading, rawSchemaOf } from './raw-schema.ts'

/** A journal of presence's own has the pages of one call: a few hundred kilobytes at most. */
const JOURNAL_BYTES_MAX = 1 << 20
/** The last bytes of a journal that names another file (sqlite.org/fileformat2.html). */
const NAMES_ANOTHER = Buffer.from('d9d505f920a163d7', 'hex')
const OTHERS_WRITE = 0o002
const GROUP_WRITES = 0o020

/**
 * Checks a file before SQLite opens it. Opening alone can wait forever (a pipe), change the file (SQLite recovers what
 * its journal or log holds), delete another file (the one that the journal names), and load a schema for minutes.
 *
 * @param isPrivate whether only this user and root can write to the file and its folder. Then presence or this user made
 *   what is there, and it saves 2 ms not to read it.
 * @throws PresenceError, NotABoard or an error of the file system, if SQLite must not open it
 */
export function screenFile(file: string, isPrivate = false): void {
  const found = statOf(file)
  // SQLite reports a folder in its own way.
  if (found?.isDirectory()) return
  if (found && !found.isFile()) throw new NotABoard(`it is ${kindOf(found)}`)
  if (isPrivate) return
  // Links are followed, and the files beside the board are beside the link's target.
  const target = found ? realpathSync(file) : file
  for (const suffix of ['-wal', '-shm', '-journal']) checkBeside(file, `${target}${suffix}`, target)
  if (found) checkSchema(target)
}

/** Undefined if there is no file yet. */
function statOf(file: string): Stats | undefined {
  try {
    return statSync(file)
  } catch (error) {
    if (!isGone(error)) throw error
    // SQLite would make the file that the link names, which may be anywhere.
    if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink())
      throw new NotABoard('it is a link to a file that does not exist')
    return undefined
  }
}

/** SQLite reads and writes these files as a part of the board. */
function checkBeside(file: string, path: string, target: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (!found) return
  // Only now: another user may have made the board since it was looked for, and this file after it.
  const main = statSync(target, { throwIfNoEntry: false })
  const unusable = (why: string, remedy = `if no program uses the board, move it away: ${pathOf(path)}`) =>
    new PresenceError(
      'damaged',
      `the board ${pathOf(file)} can't be used: its ${pathOf(basename(path))} ${why}`,
      remedy,
    )
  if (!found.isFile()) throw unusable(`is ${kindOf(found)}`)
  if (!isOneself(found.uid) && found.uid !== main?.uid && !isOfTheGroup(found, target, main))
    throw unusable(`belongs to another user (uid ${found.uid})`)
  if (!path.endsWith('-journal')) return
  if (found.size > JOURNAL_BYTES_MAX) throw unusable('is larger than presence writes')
  if (endOf(path, found.size)?.equals(NAMES_ANOTHER))
    throw unusable('names another file, which SQLite would delete')
}

/** In a board that a group shares, each of its members makes these files. */
function isOfTheGroup(found: Stats, target: string, main: Stats | undefined): boolean {
  if (!main || !(main.mode & GROUP_WRITES) || found.gid !== main.gid) return false
  return !(statSync(dirname(target)).mode & OTHERS_WRITE)
}

/** Undefined if the file is gone by now: another process deletes its journal when its call is done. */
function endOf(path: string, size: number): Buffer | undefined {
  const bytes = Buffer.alloc(NAMES_ANOTHER.length)
  const file = ifThere(() => openForReading(path))
  if (file === undefined) return undefined
  try {
    readSync(file, bytes, 0, bytes.length, Math.max(0, size - bytes.length))
    return bytes
  } finally {
    closeSync(file)
  }
}

function ifThere<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

/** An empty file becomes a board. A file with tables, or with another program's number, only is one if it has ours. */
function checkSchema(file: string): void {
  const { hasObjects, isNumbered, namesPresence } = rawSchemaOf(file)
  if (!namesPresence && (hasObjects || isNumbered)) throw new NotABoard("it is another program's database")
}

function kindOf(found: Stats): string {
  if (found.isSymbolicLink()) return 'a link'
  if (found.isFIFO()) return 'a pipe'
  if (found.isSocket()) return 'a socket'
  if (found.isDirectory()) return 'a folder'
  return 'a device'
}
