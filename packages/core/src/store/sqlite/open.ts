import { accessSync, constants } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import type { Deadline } from '../../deadline.ts'
import type { MigrationReport } from '../migration.ts'
import { sqliteFault } from './faults.ts'
import { bringUpToDate } from './migrate.ts'
import { makeNewFile } from './new-file.ts'

/**
 * Opens the file, creating folder, file and tables at first use.
 *
 * A wait for another process's lock is bounded by the deadline (SQLite's own busy handler).
 * WAL lets readers and one writer go on side by side; with synchronous=NORMAL an acknowledged claim outlives a killed
 * process, not a power cut, after which its holder is gone too.
 */
export async function openFile(
  file: string,
  deadline: Deadline,
): Promise<{ readonly db: DatabaseSync; readonly report: MigrationReport }> {
  const { DatabaseSync } = await import('node:sqlite')
  try {
    makeNewFile(file)
    const db = new DatabaseSync(file, { timeout: Math.ceil(deadline.remainingMs()) })
    try {
      await useWal(db, file, deadline)
      db.exec('PRAGMA synchronous = NORMAL')
      return { db, report: bringUpToDate(db, file) }
    } catch (error) {
      db.close()
      throw error
    }
  } catch (error) {
    throw sqliteFault(error, file)
  }
}

/**
 * Switching a new file to WAL needs it alone, and SQLite answers BUSY there without asking its busy handler. And it
 * makes `-wal` and `-shm` under the umask before it gives them the file's mode: until then another user of a shared
 * board can't open them.
 */
async function useWal(db: DatabaseSync, file: string, deadline: Deadline): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      db.exec('PRAGMA journal_mode = WAL')
      return
    } catch (error) {
      const again = isBusy(error) || (tries < TRIES_MAX && isHalfMade(error, file))
      if (!again || deadline.passed) throw error
      await deadline.pause(5 + Math.random() * 20)
    }
  }
}

/** Enough for another process to get from one system call to the next; what is closed for good is told soon after. */
const TRIES_MAX = 20

/** Is the file ours to write, and something beside it not yet? */
function isHalfMade(error: unknown, file: string): boolean {
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
