import { accessSync, constants, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { nearestFolder } from '../../config/nearest-folder.ts'
import type { Deadline } from '../../deadline.ts'
import { isFault } from '../../domain/fault.ts'
import { LAPSED_KEPT_SECONDS } from '../../domain/limits.ts'
import { type Probe, probe, type Room, type SchemaProgress } from '../probe.ts'
import { isThere } from './access.ts'
import { sqliteFault } from './faults.ts'
import { progressOf } from './migrate.ts'
import { openUnchecked } from './open.ts'
import { checkSchema } from './safe-schema.ts'
import { screenFile } from './screen.ts'
import { NOW } from './sql/terms.ts'

/** A larger file could not be checked within the deadline, and SQLite can't be interrupted. */
const CHECKED_BYTES_MAX = 256 * 1024 * 1024
/** How long to wait for another process's write, in milliseconds. A write takes a few milliseconds. */
const BUSY_MS = 300

/** Everything about a board's file that the board depends on, read without creating or changing anything. */
export interface FileFacts {
  /** In bytes; undefined if there is no file. */
  readonly size: number | undefined
  /** The file's folder, or the nearest existing folder above it. */
  readonly folder: string
  readonly freeBytes: Probe<number>
  /** Whether the file can be written now; if it doesn't exist, whether it can be created. */
  readonly writable: Probe<true>
  /** The content of the file; undefined if the file does not exist. */
  readonly content: FileContent | undefined
}

export interface FileContent {
  readonly journal: Probe<string>
  /**
   * The damage in SQLite's words; empty without damage, undefined if the file is too large to be checked.
   */
  readonly damage: Probe<readonly string[] | undefined>
  readonly schema: Probe<SchemaProgress>
  readonly tables: Probe<readonly string[]>
  readonly room: Probe<Room>
}

/**
 * @throws PresenceError if the file exists but can't be opened, or if a closed folder hides whether it exists
 */
export async function gatherFacts(file: string, deadline: Deadline): Promise<FileFacts> {
  const asFault = (error: unknown) => sqliteFault(error, file)
  const ask = <T>(work: () => T) => probe(work, asFault)
  try {
    screenFile(file)
    const size = isThere(file) ? statSync(file).size : undefined
    const folder = nearestFolder(dirname(file))
    const freeBytes = await ask(() => {
      const { bavail, bsize } = statfsSync(folder)
      return bavail * bsize
    })
    if (size === undefined) {
      const writable = await ask(() => canBeMadeIn(folder))
      return { size, folder, freeBytes, writable, content: undefined }
    }
    using db = await openUnchecked(file, { timeout: Math.min(BUSY_MS, Math.ceil(deadline.remainingMs())) })
    const checked = await ask(() => checkSchema(db, file))
    // A schema that can't be read now, because of the file's mode or a lock, is reported with the other facts.
    if ('fault' in checked && isFault(checked.fault) && checked.fault.code === 'damaged') throw checked.fault
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
    throw asFault(error)
  }
}

function canBeMadeIn(folder: string): true {
  if (!statSync(folder).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' })
  accessSync(folder, constants.W_OK | constants.X_OK)
  return true
}

/** Takes the writer's lock and releases it. This fails for a file that may not be written. */
function canBeWritten(db: DatabaseSync): true {
  db.exec('BEGIN IMMEDIATE')
  db.exec('ROLLBACK')
  return true
}

/**
 * Checks the board's tables only: checking those of another program runs their CHECK constraints and generated columns.
 */
function damageIn(db: DatabaseSync): readonly string[] {
  const tables = tablesOf(db)
  const own = tables.filter(name => name.startsWith('presence_'))
  const checks = own.length === tables.length ? ['3'] : own
  const lines = checks.flatMap(each => db.prepare(`PRAGMA quick_check(${each})`).all())
  return [...new Set(lines.map(row => String(row['quick_check'])).filter(line => line !== 'ok'))]
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
