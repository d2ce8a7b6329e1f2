import { type Deadline, ownWork } from '../../deadline.ts'
import { type Snapshot, snapshotOf } from '../../domain/claim.ts'
import type { Said } from '../../domain/operation.ts'
import type { RegisteredSession, SessionState } from '../../domain/seen.ts'
import type { Session } from '../../domain/session.ts'
import {
  type AnyRow,
  columnOfWriteKey,
  columnsOfOwn,
  columnsOfQueued,
  columnsOfSession,
  columnsOfWrite,
  type SessionCounts,
  statesOf,
  toClaim,
  toRegistered,
} from '../columns.ts'
import type { Before, Coordination, OwnClaim, Scope, SessionFilter, Store } from '../port.ts'
import type { SessionRow } from '../tables/claims.ts'
import { Database, fitting, type Values } from './database.ts'
import { SqliteHistory } from './history.ts'
import { SqliteLocks } from './locks.ts'
import {
  EXTEND,
  FORGET_LAPSES,
  FORGET_REPLAYS,
  LAPSE_AGAIN,
  NOTE_REPLAY,
  PRUNE,
  PRUNE_EVENTS,
  PUT,
  REMOVE,
  REMOVE_LAPSED,
  REMOVE_UNCLAIMED,
  REPLAY,
  RESTORE,
  TAKE_BACK,
} from './sql/claims.ts'
import { PRUNE_ENDED, PRUNE_HISTORY } from './sql/history.ts'
import { FORGET_WAITERS } from './sql/locks.ts'
import { COUNT_LIVE, readSql } from './sql/read.ts'
import {
  COUNT_SESSIONS,
  END,
  FORGET_SESSIONS,
  REGISTER,
  SESSION,
  sessionPageSql,
  sessionsSql,
  TOUCH,
} from './sql/sessions.ts'
import { NOW } from './sql/terms.ts'

/** The board in a file, without a server or any setup. */
export class SqliteStore implements Store {
  readonly locks: SqliteLocks
  readonly history: SqliteHistory
  readonly #database: Database

  constructor(file: string) {
    this.#database = new Database(file)
    this.locks = new SqliteLocks(this.#database)
    this.history = new SqliteHistory(this.#database)
  }

  async put(own: OwnClaim, writeKey: string, deadline: Deadline): Promise<void> {
    await this.#database.write(PUT, { ...columnsOfOwn(own), ...columnOfWriteKey(writeKey) }, deadline)
  }

  extend(sessionId: string, deadline: Deadline): Promise<number> {
    return this.#database.write(EXTEND, { session_id: sessionId }, deadline)
  }

  async register(session: Session, deadline: Deadline): Promise<void> {
    await this.#database.write(REGISTER, columnsOfSession(session), deadline)
  }

  async touch(sessionId: string, deadline: Deadline): Promise<void> {
    await this.#database.write(TOUCH, { session_id: sessionId }, deadline)
  }

  async end(sessionId: string, deadline: Deadline): Promise<void> {
    await this.#database.write(END, { session_id: sessionId }, deadline)
  }

  async sessions({ which, page }: SessionFilter, deadline: Deadline): Promise<readonly RegisteredSession[]> {
    const sql = page ? sessionPageSql(which) : sessionsSql(which)
    return (await this.#database.read<SessionRow>(sql, { ...page }, deadline)).map(toRegistered)
  }

  async countSessions(deadline: Deadline): Promise<Readonly<Record<SessionState, number>>> {
    const [row] = await this.#database.read<SessionCounts>(COUNT_SESSIONS, {}, deadline)
    return statesOf(row)
  }

  async registered(sessionId: string, deadline: Deadline): Promise<RegisteredSession | undefined> {
    const [row] = await this.#database.read<SessionRow>(SESSION, { session_id: sessionId }, deadline)
    return row && toRegistered(row)
  }

  async coordination(): Promise<Coordination> {
    const [{ coordinationOn }, { SqliteEngine }] = await coordinationParts()
    return coordinationOn(new SqliteEngine(this.#database))
  }

  async forgetLapses(sessionId: string, deadline: Deadline): Promise<void> {
    await this.#database.write(FORGET_LAPSES, { session_id: sessionId }, deadline)
  }

  undo(sessionId: string, label: string, writeKey: string, deadline: Deadline): Promise<void> {
    const values = { session_id: sessionId, resource_label: label, ...columnOfWriteKey(writeKey) }
    return this.#database.transaction([TAKE_BACK, LAPSE_AGAIN, REMOVE_UNCLAIMED], values, deadline)
  }

  takeBack(
    sessionId: string,
    label: string,
    writeKey: string,
    before: Before | undefined,
    deadline: Deadline,
  ): Promise<boolean> {
    const values = columnsOfWrite(sessionId, label, writeKey, before)
    const mine = before ? RESTORE : TAKE_BACK
    return this.#database.writing(deadline, db => {
      db.prepare(mine).run(fitting(mine, values))
      return Number(db.prepare(REMOVE_UNCLAIMED).run(fitting(REMOVE_UNCLAIMED, values)).changes) > 0
    })
  }

  async removeLapsed(sessionId: string, label: string, deadline: Deadline): Promise<void> {
    await this.#database.write(REMOVE_LAPSED, { session_id: sessionId, resource_label: label }, deadline)
  }

  async remove(sessionId: string, label: string | undefined, deadline: Deadline): Promise<void> {
    const values = { session_id: sessionId, resource_label: label ?? null }
    await this.#database.write(REMOVE, values, deadline)
  }

  async read(scope: Scope, sessionId: string, deadline: Deadline): Promise<Snapshot> {
    const { sql, values } = readSql(scope, sessionId)
    const { rows, asOf } = await this.#database.readAt<AnyRow>(sql, values, deadline)
    const whole = 'held' in scope ? scope.held : undefined
    const live = 'latest' in scope ? await this.#liveBeyond(scope.latest, deadline) : undefined
    return snapshotOf(asOf, rows.map(toClaim), { whole, live })
  }

  /** The number of live claims, if it is larger than this. */
  async #liveBeyond(latest: number, deadline: Deadline): Promise<number | undefined> {
    const [count] = await this.#database.read<{ live: number }>(COUNT_LIVE, {}, deadline)
    return count && count.live > latest ? count.live : undefined
  }

  async now(deadline: Deadline): Promise<Date> {
    const [row] = await this.#database.read<{ now: number }>(`SELECT ${NOW} AS now`, {}, deadline)
    if (!row) throw new TypeError('a SELECT without FROM gave no row')
    return new Date(row.now)
  }

  async replay(operation: Said, saidAt: Date, deadline: Deadline): Promise<boolean> {
    const { said, columns } = await saidOf(operation)
    const values = { ...columns, said_at: saidAt.getTime() }
    return this.#database.writing(deadline, db => {
      const isNew = db.prepare(NOTE_REPLAY).run({ operation_id: operation.id }).changes === 1
      if (isNew) for (const sql of said) db.prepare(sql).run(fitting(sql, values))
      return isNew
    })
  }

  async prune(rows: number, deadline: Deadline): Promise<number> {
    const prunes = [FORGET_REPLAYS, FORGET_SESSIONS, FORGET_WAITERS, PRUNE_ENDED, PRUNE_HISTORY, PRUNE_EVENTS]
    const [{ pruneSql }, { TERMS }] = await coordinationParts()
    for (const prune of [...prunes, ...pruneSql(TERMS)]) await this.#database.write(prune, { rows }, deadline)
    return this.#database.write(PRUNE, { rows }, deadline)
  }

  close(): Promise<void> {
    return this.#database.close()
  }
}

/** Imported on demand, because few commands need them. */
function coordinationParts() {
  return ownWork(() => Promise.all([import('../coordination/index.ts'), import('./coordination.ts')]))
}

/** The statements that apply an outbox entry, and their values. */
async function saidOf(
  operation: Said,
): Promise<{ readonly said: readonly string[]; readonly columns: Values }> {
  const { verb } = operation
  if (verb === 'message' || verb === 'component') {
    const [{ replayOf }, { TERMS }] = await coordinationParts()
    const { sql, values } = replayOf(operation, TERMS)
    return { said: sql, columns: values }
  }
  const nothing = verb === 'release' ? { resource_label: null } : {}
  const ofWrite = verb === 'release' && operation.writeKey !== undefined && operation.label !== undefined
  return {
    said: REPLAY[ofWrite ? 'releaseWrite' : verb],
    columns: { ...nothing, ...columnsOfQueued(operation) },
  }
}
