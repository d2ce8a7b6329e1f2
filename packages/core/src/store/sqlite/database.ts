import { statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import type { Deadline } from '../../deadline.ts'
import type { Database, ReadAt, Values } from '../sql/database.ts'
import { sqliteFault } from './faults.ts'
import { isHalfMade, limitValues, openFile, TRIES_MAX } from './open.ts'
import { schemaVersion } from './safe-schema.ts'
import { NOW } from './sql/terms.ts'

/**
 * SQLite takes the lock on the file when a table is read, so reading one makes the moment later than the lock.
 * This table is never empty.
 */
const MOMENT = `SELECT ${NOW} AS now FROM sqlite_schema LIMIT 1`

/**
 * The file's schema has changed since it was opened: another process migrated it, or added something that must not run.
 * Opening it again checks whether this client may use it.
 */
class Migrated extends Error {
  override readonly message = 'its schema was changed meanwhile'
}

/** A board's file, opened at its first use. Calls block for the duration of a local read or write. */
export class SqliteDatabase implements Database {
  readonly #file: string
  readonly #isPrivate: boolean
  #db: Promise<DatabaseSync> | undefined
  #inode: number | undefined
  /** The version of the schema that was checked. */
  #version = ''

  constructor(file: string, { isPrivate }: { readonly isPrivate: boolean }) {
    this.#file = file
    this.#isPrivate = isPrivate
  }

  write(sql: string, values: Values, deadline: Deadline): Promise<number> {
    return this.transaction([sql], values, deadline)
  }

  /** Every write checks the schema. */
  writeChecked(sql: string, values: Values, deadline: Deadline): Promise<number> {
    return this.write(sql, values, deadline)
  }

  transaction(
    statements: readonly string[],
    values: Values,
    deadline: Deadline,
    orNothing = false,
  ): Promise<number> {
    return this.writing(deadline, db => {
      let changes = 0
      if (orNothing) db.exec('SAVEPOINT before')
      for (const sql of statements) changes = run(db, sql, values)
      if (orNothing && changes === 0) db.exec('ROLLBACK TO before')
      return changes
    })
  }

  once(
    { note }: Parameters<Database['once']>[0],
    statements: readonly string[],
    values: Values & { readonly attempt: string },
    deadline: Deadline,
  ): Promise<boolean> {
    return this.writing(deadline, db => {
      const isNew = run(db, note, values) === 1
      if (isNew) for (const sql of statements) run(db, sql, values)
      return isNew
    })
  }

  /**
   * Writes in one transaction, during which the schema can't change. Immediate, because a transaction that
   * starts with a read could fail at its first write and have to be repeated.
   */
  writing<T>(deadline: Deadline, work: (db: DatabaseSync) => T): Promise<T> {
    return this.#use(deadline, db => {
      return inTransaction(db, 'BEGIN IMMEDIATE', () => {
        this.#checkVersion(db)
        return work(db)
      })
    })
  }

  async read<Row extends object>(sql: string, values: Values, deadline: Deadline): Promise<readonly Row[]> {
    return (await this.readAt<Row>(sql, values, deadline)).rows
  }

  /**
   * Reads at one moment. SQLite's own current time is constant only until the next row. In a busy process the
   * last row would be judged by a later time than the first, and a claim could be left out although it is
   * live at the answer's `asOf`. The moment is read after the lock is taken.
   */
  readAt<Row extends object>(sql: string, values: Values, deadline: Deadline): Promise<ReadAt<Row>> {
    return this.#use(deadline, db =>
      inTransaction(db, 'BEGIN', () => {
        const { now } = db.prepare(MOMENT).get() as { now: number }
        this.#checkVersion(db)
        const atMoment = sql.replaceAll(NOW, ':moment')
        limitValues(db, atMoment)
        const rows = db.prepare(atMoment).all(fitting(atMoment, { ...values, moment: now }))
        return { rows: rows as unknown as Row[], asOf: new Date(now) }
      }),
    )
  }

  /**
   * Runs the work on a connection. If it fails, the connection is closed, which undoes what it had begun. A
   * file that was replaced while open is another board: a process that kept using the old one would see no
   * other session.
   */
  async #use<T>(deadline: Deadline, work: (db: DatabaseSync) => T): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#once(deadline, work)
      } catch (error) {
        if (error instanceof Migrated && !deadline.passed) continue
        // A connection that met a half-made -shm file stays read-only, so only a new connection can write.
        if (deadline.passed || tries >= TRIES_MAX || !isHalfMade(error, this.#file))
          throw sqliteFault(error, this.#file)
        await deadline.pause(5 + Math.random() * 20)
      }
    }
  }

  moment(ms: number): number {
    return ms
  }

  async close(): Promise<void> {
    const db = this.#db
    this.#db = undefined
    if (db) (await db.catch(() => undefined))?.close()
  }

  async #open(deadline: Deadline): Promise<DatabaseSync> {
    const { db, version } = await openFile(this.#file, deadline, this.#isPrivate)
    this.#version = version
    this.#inode = inodeOf(this.#file)
    return db
  }

  /** In a transaction, after its lock was taken: from here on the schema stays as it is. */
  #checkVersion(db: DatabaseSync): void {
    if (schemaVersion(db) !== this.#version) throw new Migrated()
  }

  async #once<T>(deadline: Deadline, work: (db: DatabaseSync) => T): Promise<T> {
    if (this.#db && inodeOf(this.#file) !== this.#inode) await this.close()
    this.#db ??= this.#open(deadline)
    const opened = this.#db
    try {
      const db = await opened
      // A concurrent call may have closed it.
      if (!db.isOpen) throw new Migrated()
      db.exec(`PRAGMA busy_timeout = ${Math.ceil(deadline.remainingMs())}`)
      return work(db)
    } catch (error) {
      if (this.#db === opened) await this.close()
      throw error
    }
  }
}

/** All of the work, or none of it. Another call may wait for this connection, so nothing is left open. */
function inTransaction<T>(db: DatabaseSync, begin: string, work: () => T): T {
  db.exec(begin)
  try {
    const result = work()
    db.exec('COMMIT')
    return result
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

/** Runs a statement and returns how many rows it changed. */
export function run(db: DatabaseSync, sql: string, values: Values): number {
  limitValues(db, sql)
  return Number(db.prepare(sql).run(fitting(sql, values)).changes)
}

/** The driver refuses values that the statement doesn't name. */
function fitting(sql: string, values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => new RegExp(`:${name}\\b`).test(sql)))
}

function inodeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.ino
}
