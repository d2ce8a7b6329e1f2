import { accessSync, constants } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { type Deadline, ownWork } from '../../deadline.ts'
import type { MigrationReport } from '../migration.ts'
import { sqliteFault } from './faults.ts'
import { bringUpToDate } from './migrate.ts'
import { makeNewFile } from './new-file.ts'
import { NotABoard } from './raw-schema.ts'
import { checkSchema } from './safe-schema.ts'
import { screenFile } from './screen.ts'

/** A board's file, opened. */
export interface OpenedFile {
  readonly db: DatabaseSync
  readonly report: MigrationReport
  /** The version of its schema, which was checked: see `checkSchema`. */
  readonly version: string
}

/**
 * Opens the file; creates its folder, the file and its tables at first use. Writes nothing to a file that is neither
 * empty nor a board.
 *
 * The wait for another process's lock is limited by the deadline (SQLite's own busy handler). WAL lets
 * readers and one writer work side by side. With synchronous=NORMAL an acknowledged claim survives a killed
 * process, but not a power cut, after which its holder is gone too.
 *
 * @param isPrivate whether only this user and root can write to the file and its folder
 */
export async function openFile(file: string, deadline: Deadline, isPrivate: boolean): Promise<OpenedFile> {
  return tryWhileItMayPass(file, deadline, () => {
    screenFile(file, isPrivate)
    makeNewFile(file)
    return openOnce(file, deadline)
  })
}

/**
 * Opens a file again while what failed may pass: another process is making the file, or the files beside it.
 *
 * @throws PresenceError
 */
export async function tryWhileItMayPass<T>(
  file: string,
  deadline: Deadline,
  open: () => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await open()
    } catch (error) {
      const mayPass = isHalfMade(error, file)
        ? tries < TRIES_MAX
        : error instanceof NotABoard && tries < LOOKS_MAX
      if (deadline.passed || !mayPass) throw sqliteFault(error, file)
      await deadline.pause(5 + Math.random() * 20)
    }
  }
}

interface OpenOptions {
  readonly timeout: number
  readonly readOnly?: boolean
}

/** Opens a file that was screened, and checks its schema. */
export async function openChecked(
  file: string,
  options: OpenOptions,
): Promise<{ readonly db: DatabaseSync; readonly version: string }> {
  const db = await openUnchecked(file, options)
  try {
    return { db, version: checkSchema(db, file) }
  } catch (error) {
    db.close()
    throw error
  }
}

/**
 * Opens a file that was screened. Call `checkSchema` before any statement. The schema may not call functions with side
 * effects, and no foreign key is followed, because other tables in the file could refer to the board's.
 */
export async function openUnchecked(file: string, options: OpenOptions): Promise<DatabaseSync> {
  const { DatabaseSync } = await ownWork(() => import('node:sqlite'))
  const db = new DatabaseSync(file, { ...options, enableForeignKeyConstraints: false })
  try {
    limitValues(db, '')
    db.exec('PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON')
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/**
 * The longest values, in bytes. Longer ones would take seconds to read, so a statement that meets one fails. Answers that
 * are stored under an idempotency key are longer than all other values.
 */
const VALUE_BYTES_MAX = 256 * 1024
const ANSWER_BYTES_MAX = 16 * 1024 * 1024

/** Limits the values that a statement may read and write. Older versions of Node have no such limit. */
export function limitValues(db: DatabaseSync, sql: string): void {
  const { limits } = db as { readonly limits?: { length: number } }
  if (limits) limits.length = sql.includes('presence_replays') ? ANSWER_BYTES_MAX : VALUE_BYTES_MAX
}

async function openOnce(file: string, deadline: Deadline): Promise<OpenedFile> {
  const { db, version } = await openChecked(file, { timeout: Math.ceil(deadline.remainingMs()) })
  try {
    await useWal(db, deadline)
    db.exec('PRAGMA synchronous = NORMAL')
    const report = bringUpToDate(db, file)
    const isChanged = report.applied.length + report.prepared.length > 0
    return { db, report, version: isChanged ? checkSchema(db, file) : version }
  } catch (error) {
    db.close()
    throw error
  }
}

/**
 * How often a file is looked at before it counts as no board. Another process may be writing a new board's first pages.
 */
const LOOKS_MAX = 5

/**
 * Switching a new file to WAL needs exclusive access, and SQLite then reports BUSY without calling its busy
 * handler.
 */
async function useWal(db: DatabaseSync, deadline: Deadline): Promise<void> {
  for (;;) {
    try {
      db.exec('PRAGMA journal_mode = WAL')
      return
    } catch (error) {
      if (!isBusy(error) || deadline.passed) throw error
      await deadline.pause(5 + Math.random() * 20)
    }
  }
}

/**
 * Enough tries to give another process, on a busy machine, the time to get from one system call to the next.
 * A permanent denial is still reported within a second.
 */
export const TRIES_MAX = 60

/**
 * True if this user may write the file, but not yet a file beside it. SQLite creates `-wal` and `-shm` with
 * the umask before it gives them the file's mode; until then another user of a shared board can't open them.
 */
export function isHalfMade(error: unknown, file: string): boolean {
  const code = codeOf(error)
  if (code !== 8 && code !== 14) return false
  try {
    accessSync(file, constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false
  }
}

function isBusy(error: unknown): boolean {
  return codeOf(error) === 5
}

/** SQLite's primary result code. */
function codeOf(error: unknown): number | undefined {
  const code = (error as { errcode?: number }).errcode
  return code === undefined ? undefined : code & 0xff
}
