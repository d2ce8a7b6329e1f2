import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { Deadline } from '../../deadline.ts'
import { LAPSED_KEPT_SECONDS } from '../../domain/limits.ts'
import { type Probe, probe, type Room, type SchemaProgress } from '../probe.ts'
import { isThere } from './access.ts'
import { sqliteFault } from './faults.ts'
import { progressOf } from './migrate.ts'
import { NOW } from './sql/terms.ts'

/** A bigger file would not be read through within the deadline: SQLite can't be interrupted. */
const CHECKED_BYTES_MAX = 256 * 1024 * 1024
/** Another process writes for milliseconds. */
const BUSY_MS = 300

/** Everything about a board's file that the board rests on, read without making or changing anything. */
export interface FileFacts {
  /** Bytes; undefined while there is no file. */
  readonly size: number | undefined
  /** The folder, or the nearest above it that is there. */
  readonly folder: string
  readonly freeBytes: Probe<number>
  /** Could it be written now? For a file that isn't there: could it be made? */
  readonly writable: Probe<true>
  /** What is in the file; undefined while there is none. */
  readonly content: FileContent | undefined
}

export interface FileContent {
  readonly journal: Probe<string>
  /** What is wrong in it, in SQLite's words; empty: nothing. Undefined: too big to be read through. */
  readonly damage: Probe<readonly string[] | undefined>
  readonly schema: Probe<SchemaProgress>
  readonly tables: Probe<readonly string[]>
  readonly room: Probe<Room>
}

/** @throws PresenceError when there is a file that can't be opened at all, or may be one that can't be seen */
export async function gatherFacts(file: string, deadline: Deadline): Promise<FileFacts> {
  const there = looked(file)
  const folder = nearestFolder(dirname(file))
  const ask = <T>(work: () => T): Promise<Probe<T>> =>
    probe(() => {
      try {
        return work()
      } catch (error) {
        throw sqliteFault(error, file)
      }
    })
  const freeBytes = await ask(() => {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  })
  if (!there) {
    const writable = await ask(() => canBeMadeIn(folder))
    return { size: undefined, folder, freeBytes, writable, content: undefined }
  }
  try {
    const { DatabaseSync } = await import('node:sqlite')
    const size = statSync(file).size
    using db = new DatabaseSync(file, { timeout: Math.min(BUSY_MS, Math.ceil(deadline.remainingMs())) })
    return {
      size,
      folder,
      freeBytes,
      writable: await ask(() => canBeWritten(db)),
      content: {
        journal: await ask(() => String(db.prepare('PRAGMA journal_mode').get()?.['journal_mode'])),
        damage: await ask(() => (size > CHECKED_BYTES_MAX ? undefined : damageIn(db))),
        schema: await ask(() => progressOf(db)),
        tables: await ask(() => tablesOf(db)),
        room: await ask(() => roomOf(db)),
      },
    }
  } catch (error) {
    throw sqliteFault(error, file)
  }
}

function looked(file: string): boolean {
  try {
    return isThere(file)
  } catch (error) {
    throw sqliteFault(error, file)
  }
}

function nearestFolder(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder))
}

function canBeMadeIn(folder: string): true {
  if (!statSync(folder).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' })
  accessSync(folder, constants.W_OK | constants.X_OK)
  return true
}

/** Takes the writer's lock and gives it back: a file that may not be written doesn't give it. */
function canBeWritten(db: DatabaseSync): true {
  db.exec('BEGIN IMMEDIATE')
  db.exec('ROLLBACK')
  return true
}

function damageIn(db: DatabaseSync): readonly string[] {
  const lines = db.prepare('PRAGMA quick_check(3)').all()
  return lines.map(row => String(row['quick_check'])).filter(line => line !== 'ok')
}

function tablesOf(db: DatabaseSync): readonly string[] {
  const rows = db.prepare(
    `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`,
  )
  return rows.all().map(row => String(row['name']))
}

function roomOf(db: DatabaseSync): Room {
  const row = db
    .prepare(
      `SELECT COUNT(*) AS total, COUNT(IIF(expires_at > ${NOW}, 1, NULL)) AS live,
         COUNT(IIF(expires_at < ${NOW} - ${LAPSED_KEPT_SECONDS * 1_000}, 1, NULL)) AS due FROM presence_claims`,
    )
    .get()
  return { rows: Number(row?.['total']), live: Number(row?.['live']), due: Number(row?.['due']) }
}
