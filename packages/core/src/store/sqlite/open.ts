import { accessSync, constants } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { type Deadline, ownWork } from '../../deadline.ts'
import type { MigrationReport } from '../migration.ts'
import { sqliteFault } from './faults.ts'
import { bringUpToDate } from './migrate.ts'
import { makeNewFile } from './new-file.ts'

/**
 * Opens the file; creates its folder, the file and its tables at first use.
 *
 * The wait for another process's lock is limited by the deadline (SQLite's own busy handler). WAL lets
 * readers and one writer work side by side. With synchronous=NORMAL an acknowledged claim survives a killed
 * process, but not a power cut, after which its holder is gone too.
 */
export async function openFile(
  file: string,
  deadline: Deadline,
): Promise<{ readonly db: DatabaseSync; readonly report: MigrationReport }> {
  for (let tries = 1; ; tries++) {
    try {
      makeNewFile(file)
      return await openOnce(file, deadline)
    } catch (error) {
      if (deadline.passed || tries >= TRIES_MAX || !isHalfMade(error, file)) throw sqliteFault(error, file)
      await deadline.pause(5 + Math.random() * 20)
    }
  }
}

async function openOnce(file: string, deadline: Deadline) {
  const { DatabaseSync } = await ownWork(() => import('node:sqlite'))
  const db = new DatabaseSync(file, { timeout: Math.ceil(deadline.remainingMs()) })
  try {
    await useWal(db, deadline)
    db.exec('PRAGMA synchronous = NORMAL')
    return { db, report: bringUpToDate(db, file) }
  } catch (error) {
    db.close()
    throw error
  }
}

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
