import { statSync } from 'node:fs'
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { Deadline } from '../../deadline.ts'
import { sqliteFault } from './faults.ts'
import { appliedCount } from './migrate.ts'
import { isHalfMade, openFile, TRIES_MAX } from './open.ts'
import { NOW } from './sql/terms.ts'

export type Values = Readonly<Record<string, SQLInputValue>>

const MOMENT = `SELECT ${NOW} AS now FROM presence_migrations LIMIT 1`

/** Another process has migrated the file since it was opened. Opening it again checks whether this client may use it. */
class Migrated extends Error {
  override readonly message = 'it was migrated meanwhile'
}

/** A board's file, opened at its first use. Calls block for the time of a local read or write. */
export class Database {
  readonly #file: string
  #db: Promise<DatabaseSync> | undefined
  #inode: number | undefined
  /** How many steps the file had when it was opened. */
  #count = 0

  constructor(file: string) {
    this.#file = file
  }

  /** @returns how many rows it changed */
  write(sql: string, values: Values, deadline: Deadline): Promise<number> {
    return this.writing(deadline, db => Number(db.prepare(sql).run(fitting(sql, values)).changes))
  }

  /** Statements of which all have their effect, or none. */
  transaction(statements: readonly string[], values: Values, deadline: Deadline): Promise<void> {
    return this.writing(deadline, db => {
      for (const sql of statements) db.prepare(sql).run(fitting(sql, values))
    })
  }

  /**
   * Writes in one transaction, on a schema that can't change meanwhile. Immediate: a transaction that begins by reading
   * would be told to try again.
   */
  writing<T>(deadline: Deadline, work: (db: DatabaseSync) => T): Promise<T> {
    return this.#use(deadline, db => {
      db.exec('BEGIN IMMEDIATE')
      if (appliedCount(db) !== this.#count) throw new Migrated()
      const result = work(db)
      db.exec('COMMIT')
      return result
    })
  }

  /**
   * Reads at one moment. SQLite's own now is the same only until the next row: a busy process would judge the last row by a
   * later time than the first, and leave out a claim that the answer's `asOf` calls live. The moment comes after the lock.
   */
  read<Row extends object>(sql: string, values: Values, deadline: Deadline): Promise<readonly Row[]> {
    return this.#use(deadline, db => {
      db.exec('BEGIN')
      const moment = db.prepare(MOMENT).get()?.['now'] ?? null
      const atMoment = sql.replaceAll(NOW, ':moment')
      const rows = db.prepare(atMoment).all(fitting(atMoment, { ...values, moment }))
      db.exec('COMMIT')
      return rows as unknown as Row[]
    })
  }

  /**
   * Does the work on a connection; one that failed is closed, and whatever it had begun undone. A file that was replaced
   * under an open board is another board: whoever goes on with the old one sees nobody.
   */
  async #use<T>(deadline: Deadline, work: (db: DatabaseSync) => T): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#once(deadline, work)
      } catch (error) {
        if (error instanceof Migrated && !deadline.passed) continue
        // A connection that met a half-made -shm stays read-only: only a new one can write.
        if (deadline.passed || tries >= TRIES_MAX || !isHalfMade(error, this.#file))
          throw sqliteFault(error, this.#file)
        await deadline.pause(5 + Math.random() * 20)
      }
    }
  }

  async close(): Promise<void> {
    const db = this.#db
    this.#db = undefined
    if (db) (await db.catch(() => undefined))?.close()
  }

  async #open(deadline: Deadline): Promise<DatabaseSync> {
    const { db, report } = await openFile(this.#file, deadline)
    this.#count = report.version + 1
    this.#inode = inodeOf(this.#file)
    return db
  }

  async #once<T>(deadline: Deadline, work: (db: DatabaseSync) => T): Promise<T> {
    if (this.#db && inodeOf(this.#file) !== this.#inode) await this.close()
    this.#db ??= this.#open(deadline)
    const opened = this.#db
    try {
      const db = await opened
      // A call beside this one may have closed it.
      if (!db.isOpen || appliedCount(db) !== this.#count) throw new Migrated()
      db.exec(`PRAGMA busy_timeout = ${Math.ceil(deadline.remainingMs())}`)
      return work(db)
    } catch (error) {
      if (this.#db === opened) await this.close()
      throw error
    }
  }
}

/** The driver refuses a value that a statement doesn't name. */
export function fitting(sql: string, values: Values): Record<string, SQLInputValue> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => new RegExp(`:${name}\\b`).test(sql)))
}

function inodeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.ino
}
