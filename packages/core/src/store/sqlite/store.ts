import { statSync } from 'node:fs'
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { Deadline } from '../../deadline.ts'
import { type Snapshot, snapshotOf } from '../../domain/claim.ts'
import type { Lock } from '../../domain/lock.ts'
import type { QueuedOperation } from '../../domain/operation.ts'
import type { RegisteredSession } from '../../domain/seen.ts'
import type { Session } from '../../domain/session.ts'
import { columnsOfOwn, columnsOfQueued, columnsOfSession, toClaim, toLock, toRegistered } from '../columns.ts'
import type { OwnClaim, Scope, Store } from '../port.ts'
import { sqliteFault } from './faults.ts'
import { isHalfMade, openFile, TRIES_MAX } from './open.ts'
import type { ClaimRow, LockRow, SessionRow } from './schema.ts'
import {
  END,
  EXTEND,
  EXTEND_LOCKS,
  FORGET_LAPSES,
  FORGET_REPLAYS,
  FORGET_SESSIONS,
  FREE,
  LOCK,
  MAKE_LOCK,
  NOTE_REPLAY,
  NOW,
  PRUNE,
  PUT,
  REGISTER,
  REMOVE,
  REPLAY,
  readSql,
  SESSIONS,
  TAKE,
  TOUCH,
  WITHDRAW,
} from './statements.ts'

/** The board in a file: no server, no set-up. Calls block for the time of a local read or write. */
export class SqliteStore implements Store {
  readonly #file: string
  #db: Promise<DatabaseSync> | undefined
  #inode: number | undefined

  constructor(file: string) {
    this.#file = file
  }

  async put(own: OwnClaim, deadline: Deadline): Promise<void> {
    await this.#run(deadline, db => db.prepare(PUT).run(columnsOfOwn(own)))
  }

  extend(sessionId: string, deadline: Deadline): Promise<number> {
    return this.#run(deadline, db => Number(db.prepare(EXTEND).run({ session_id: sessionId }).changes))
  }

  extendLocks(
    sessionId: string,
    only: { readonly label: string; readonly token: number } | undefined,
    deadline: Deadline,
  ): Promise<number> {
    const values = {
      session_id: sessionId,
      resource_label: only?.label ?? null,
      token: only?.token ?? null,
    }
    return this.#run(deadline, db => Number(db.prepare(EXTEND_LOCKS).run(values).changes))
  }

  async take(own: OwnClaim, nonce: string, deadline: Deadline): Promise<void> {
    await this.#run(deadline, db => db.prepare(TAKE).run({ ...columnsOfOwn(own), nonce }))
  }

  async makeLock(label: string, nonce: string, deadline: Deadline): Promise<void> {
    await this.#run(deadline, db => db.prepare(MAKE_LOCK).run({ resource_label: label, nonce }))
  }

  lock(label: string, deadline: Deadline): Promise<Lock | undefined> {
    return this.#run(deadline, db => {
      const row = db.prepare(LOCK).get({ label }) as unknown as (LockRow & { read_at: number }) | undefined
      return row && toLock(row, new Date(row.read_at))
    })
  }

  async free(
    sessionId: string,
    { label, token }: { readonly label?: string; readonly token?: number },
    deadline: Deadline,
  ): Promise<void> {
    const values = { session_id: sessionId, resource_label: label ?? null, token: token ?? null }
    await this.#run(deadline, db => db.prepare(FREE).run(values))
  }

  async withdraw(label: string, nonce: string, deadline: Deadline): Promise<void> {
    await this.#run(deadline, db => db.prepare(WITHDRAW).run({ resource_label: label, nonce }))
  }

  async register(session: Session, deadline: Deadline): Promise<void> {
    await this.#run(deadline, db => db.prepare(REGISTER).run(columnsOfSession(session)))
  }

  async touch(sessionId: string, deadline: Deadline): Promise<void> {
    await this.#run(deadline, db => db.prepare(TOUCH).run({ session_id: sessionId }))
  }

  async end(sessionId: string, deadline: Deadline): Promise<void> {
    await this.#run(deadline, db => db.prepare(END).run({ session_id: sessionId }))
  }

  sessions(deadline: Deadline): Promise<readonly RegisteredSession[]> {
    return this.#run(deadline, db =>
      (db.prepare(SESSIONS).all() as unknown as SessionRow[]).map(toRegistered),
    )
  }

  async forgetLapses(sessionId: string, deadline: Deadline): Promise<void> {
    await this.#run(deadline, db => db.prepare(FORGET_LAPSES).run({ session_id: sessionId }))
  }

  async remove(sessionId: string, label: string | undefined, deadline: Deadline): Promise<void> {
    const values = { session_id: sessionId, resource_label: label ?? null }
    await this.#run(deadline, db => db.prepare(REMOVE).run(values))
  }

  async read(scope: Scope, sessionId: string, deadline: Deadline): Promise<Snapshot> {
    const { sql, values } = readSql(scope, sessionId)
    return this.#run(deadline, db => {
      const rows = db.prepare(sql).all(values as Record<string, SQLInputValue>) as unknown as (ClaimRow & {
        read_at: number
      })[]
      const now = rows[0]?.read_at ?? Number(db.prepare(`SELECT ${NOW} AS read_at`).get()?.['read_at'])
      return snapshotOf(new Date(now), rows.map(toClaim))
    })
  }

  async now(deadline: Deadline): Promise<Date> {
    return this.#run(
      deadline,
      db => new Date((db.prepare(`SELECT ${NOW} AS now`).get() as { now: number }).now),
    )
  }

  async replay(operation: QueuedOperation, saidAt: Date, deadline: Deadline): Promise<boolean> {
    const said_at = saidAt.getTime()
    return this.#run(deadline, db => {
      db.exec('BEGIN IMMEDIATE')
      const isNew = db.prepare(NOTE_REPLAY).run({ operation_id: operation.id }).changes === 1
      const nothing = operation.verb === 'release' ? { resource_label: null } : {}
      if (isNew)
        db.prepare(REPLAY[operation.verb]).run({ ...nothing, ...columnsOfQueued(operation), said_at })
      db.exec('COMMIT')
      return isNew
    })
  }

  async prune(rows: number, deadline: Deadline): Promise<number> {
    return this.#run(deadline, db => {
      db.exec(FORGET_REPLAYS)
      db.prepare(FORGET_SESSIONS).run({ rows })
      return Number(db.prepare(PRUNE).run({ rows }).changes)
    })
  }

  async close(): Promise<void> {
    const db = this.#db
    this.#db = undefined
    if (db) (await db.catch(() => undefined))?.close()
  }

  async #open(deadline: Deadline): Promise<DatabaseSync> {
    const { db } = await openFile(this.#file, deadline)
    this.#inode = inodeOf(this.#file)
    return db
  }

  /** A file that was replaced under an open board is another board: whoever goes on with the old one sees nobody. */
  async #run<T>(deadline: Deadline, work: (db: DatabaseSync) => T): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#once(deadline, work)
      } catch (error) {
        await this.close()
        // A connection that met a half-made -shm stays read-only: only a new one can write.
        if (deadline.passed || tries >= TRIES_MAX || !isHalfMade(error, this.#file))
          throw sqliteFault(error, this.#file)
        await deadline.pause(5 + Math.random() * 20)
      }
    }
  }

  async #once<T>(deadline: Deadline, work: (db: DatabaseSync) => T): Promise<T> {
    if (this.#db && inodeOf(this.#file) !== this.#inode) await this.close()
    this.#db ??= this.#open(deadline)
    const db = await this.#db
    db.exec(`PRAGMA busy_timeout = ${Math.ceil(deadline.remainingMs())}`)
    return work(db)
  }
}

function inodeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.ino
}
