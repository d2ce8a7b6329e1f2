import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { makeFolder } from '../../config/make-folder.ts'
import type { Deadline } from '../../deadline.ts'
import type { MigrationReport } from '../migration.ts'
import { sqliteFault } from './faults.ts'
import { bringUpToDate } from './migrate.ts'

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
    makeFolder(dirname(file))
    const db = new DatabaseSync(file, { timeout: Math.ceil(deadline.remainingMs()) })
    try {
      await useWal(db, deadline)
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

/** Switching a new file to WAL needs it alone, and SQLite answers BUSY there without asking its busy handler. */
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

function isBusy(error: unknown): boolean {
  const code = (error as { errcode?: number }).errcode
  return code !== undefined && (code & 0xff) === 5
}
