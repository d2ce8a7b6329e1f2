import { DEADLINE_MS_DEFAULT, Deadline } from '../../deadline.ts'
import type { MigrateOptions, MigrationReport } from '../migration.ts'
import { isThere } from './access.ts'
import { sqliteFault } from './faults.ts'
import { bringUpToDate, pendingOf } from './migrate.ts'
import { openChecked, openFile, tryWhileItMayPass } from './open.ts'
import { screenFile } from './screen.ts'

/**
 * Runs `presence migrate` for a file. Any other command also migrates a file at its first use, but only this
 * one recreates dropped tables.
 */
export async function migrateFile(
  file: string,
  { dryRun = false }: MigrateOptions,
): Promise<MigrationReport> {
  if (dryRun) return reportOn(file)
  const { db, report } = await openFile(file, Deadline.after(DEADLINE_MS_DEFAULT), false)
  try {
    return { ...report, prepared: [...report.prepared, ...bringUpToDate(db, file, true).prepared] }
  } catch (error) {
    throw sqliteFault(error, file)
  } finally {
    db.close()
  }
}

/** Reports what a migration would do. A file that doesn't exist is treated as empty, and not created. */
function reportOn(file: string): Promise<MigrationReport> {
  const deadline = Deadline.after(DEADLINE_MS_DEFAULT)
  return tryWhileItMayPass(file, deadline, async () => {
    const there = isThere(file)
    screenFile(file)
    // Another process may hold the file's lock for a moment: the last one that closes it tidies up the log.
    const timeout = Math.ceil(deadline.remainingMs())
    const { db } = await openChecked(there ? file : ':memory:', { timeout, readOnly: there })
    try {
      return pendingOf(db, file)
    } finally {
      db.close()
    }
  })
}
