import type { ResultSetHeader, RowDataPacket } from 'mysql2'
import type { MysqlDsn } from '../../config/dsn.ts'
import { type Deadline, ownWork } from '../../deadline.ts'
import { type Snapshot, snapshotOf } from '../../domain/claim.ts'
import type { Said } from '../../domain/operation.ts'
import type { RegisteredSession, SessionState } from '../../domain/seen.ts'
import type { Session } from '../../domain/session.ts'
import type { CircuitBreaker } from '../circuit-breaker.ts'
import {
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
import { Database } from './database.ts'
import { interrupted } from './faults.ts'
import { MysqlHistory } from './history.ts'
import { MysqlLocks } from './locks.ts'
import { claimsSql, replaySql, replaysSql } from './sql/claims.ts'
import { historySql } from './sql/history.ts'
import { waitersSql } from './sql/locks.ts'
import { type ReadRow, readSql, rowsRead } from './sql/read.ts'
import { sessionsSql } from './sql/sessions.ts'
import { momentText, SCHEMA, statement, type Values } from './sql/terms.ts'

/** The board on Dolt, on MariaDB, or on any engine that speaks MySQL's protocol. */
export class MysqlStore implements Store {
  readonly locks: MysqlLocks
  readonly history: MysqlHistory
  readonly #database: Database

  /** @param options `shared`: many callers use the store at once, through a circuit breaker */
  constructor(dsn: MysqlDsn, options: { readonly shared?: boolean } = {}) {
    this.#database = new Database(dsn, options)
    this.locks = new MysqlLocks(this.#database)
    this.history = new MysqlHistory(this.#database)
  }

  get breaker(): CircuitBreaker | undefined {
    return this.#database.breaker
  }

  put(own: OwnClaim, writeKey: string, deadline: Deadline): Promise<void> {
    const values = { ...columnsOfOwn(own), ...columnOfWriteKey(writeKey) }
    return this.#database.writeOne(claimsSql.put, values, deadline)
  }

  extend(sessionId: string, deadline: Deadline): Promise<number> {
    return this.#database.write(claimsSql.extend, { session_id: sessionId }, deadline)
  }

  register(session: Session, deadline: Deadline): Promise<void> {
    return this.#database.writeOne(sessionsSql.register, columnsOfSession(session), deadline)
  }

  async touch(sessionId: string, deadline: Deadline): Promise<void> {
    await this.#database.write(sessionsSql.touch, { session_id: sessionId }, deadline)
  }

  async end(sessionId: string, deadline: Deadline): Promise<void> {
    await this.#database.write(sessionsSql.end, { session_id: sessionId }, deadline)
  }

  async sessions({ which, page }: SessionFilter, deadline: Deadline): Promise<readonly RegisteredSession[]> {
    const sql = page ? sessionsSql.readPage(which)({ ...page }) : sessionsSql.read(which)
    return (await this.#database.read<SessionRow>(sql, deadline)).map(toRegistered)
  }

  async countSessions(deadline: Deadline): Promise<Readonly<Record<SessionState, number>>> {
    const [row] = await this.#database.read<SessionCounts>(sessionsSql.count, deadline)
    return statesOf(row)
  }

  async registered(sessionId: string, deadline: Deadline): Promise<RegisteredSession | undefined> {
    const sql = sessionsSql.readOne({ session_id: sessionId })
    const [row] = await this.#database.read<SessionRow>(sql, deadline)
    return row && toRegistered(row)
  }

  async coordination(): Promise<Coordination> {
    const [{ coordinationOn }, { MysqlEngine }] = await coordinationParts()
    return coordinationOn(new MysqlEngine(this.#database))
  }

  async forgetLapses(sessionId: string, deadline: Deadline): Promise<void> {
    await this.#database.write(claimsSql.forgetLapses, { session_id: sessionId }, deadline)
  }

  undo(sessionId: string, label: string, writeKey: string, deadline: Deadline): Promise<void> {
    const { takeBack, lapseAgain, removeUnclaimed } = claimsSql
    const values = { session_id: sessionId, resource_label: label, ...columnOfWriteKey(writeKey) }
    return this.#database.transaction([takeBack, lapseAgain, removeUnclaimed], values, deadline)
  }

  takeBack(
    sessionId: string,
    label: string,
    writeKey: string,
    before: Before | undefined,
    deadline: Deadline,
  ): Promise<boolean> {
    const values = { ...columnsOfWrite(sessionId, label, writeKey, before), ...SCHEMA }
    return this.#database.use(deadline, async query => {
      await query('BEGIN')
      await query((before ? claimsSql.restore : claimsSql.takeBack)(values))
      const { affectedRows } = await query<ResultSetHeader>(claimsSql.removeUnclaimed(values))
      await query('COMMIT')
      return affectedRows > 0
    })
  }

  async removeLapsed(sessionId: string, label: string, deadline: Deadline): Promise<void> {
    const values = { session_id: sessionId, resource_label: label }
    await this.#database.write(claimsSql.removeLapsed, values, deadline)
  }

  async remove(sessionId: string, label: string | undefined, deadline: Deadline): Promise<void> {
    const { remove, removeAll } = claimsSql
    const values = { session_id: sessionId, resource_label: label ?? null }
    await this.#database.write(label === undefined ? removeAll : remove, values, deadline)
  }

  async read(scope: Scope, sessionId: string, deadline: Deadline): Promise<Snapshot> {
    return this.#database.use(deadline, async query => {
      const { versions, now, claims, live } = rowsRead(
        await query<(ReadRow & RowDataPacket)[]>(readSql(scope, sessionId)),
      )
      await this.#database.confirm({ versions }, query)
      const isAll = !('latest' in scope) || live === undefined || live <= scope.latest
      const whole = 'held' in scope ? scope.held : undefined
      return snapshotOf(now, claims.map(toClaim), { whole, live: isAll ? undefined : live })
    })
  }

  async now(deadline: Deadline): Promise<Date> {
    return (await this.#database.header(deadline)).read_at
  }

  async replay(operation: Said, saidAt: Date, deadline: Deadline): Promise<boolean> {
    const database = this.#database
    const { said, columns } = await saidOf(operation)
    const values = { ...columns, said_at: momentText(saidAt), ...SCHEMA }
    return database.use(deadline, async query => {
      await query('BEGIN')
      const note = replaysSql.note({ operation_id: operation.id, ...SCHEMA })
      const isNew = (await query<ResultSetHeader>(note)).affectedRows === 1
      if (isNew) for (const statement of said) await query(statement(values))
      // Nothing was recorded. Either the entry was applied before, or the board has another schema, for which
      // this throws.
      else {
        database.checkSchema(await database.headerOf(query))
        const [noted] = await query<RowDataPacket[]>(replaysSql.noted({ operation_id: operation.id }))
        if (!noted) throw interrupted()
      }
      await query('COMMIT')
      return isNew
    })
  }

  async prune(rows: number, deadline: Deadline): Promise<number> {
    const prunes = [
      replaysSql.prune,
      sessionsSql.prune,
      waitersSql.prune,
      historySql.pruneEnded,
      historySql.pruneEvents,
      claimsSql.pruneEvents,
    ]
    for (const prune of prunes) await this.#database.write(prune, { rows }, deadline)
    const [{ pruneSql }, { TERMS }] = await coordinationParts()
    for (const sql of pruneSql(TERMS)) await this.#database.write(statement(sql), { rows }, deadline)
    return this.#database.write(claimsSql.prune, { rows }, deadline)
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
): Promise<{ readonly said: readonly ((values: Values) => string)[]; readonly columns: Values }> {
  const { verb } = operation
  if (verb === 'message' || verb === 'component') {
    const [{ replayOf }, { TERMS }] = await coordinationParts()
    const { sql, values } = replayOf(operation, TERMS)
    return { said: sql.map(statement), columns: values }
  }
  return { said: replaySql[statementsOf(operation)], columns: columnsOfQueued(operation) }
}

function statementsOf(operation: Exclude<Said, { verb: 'message' | 'component' }>): keyof typeof replaySql {
  if (operation.verb !== 'release') return operation.verb
  if (operation.label === undefined) return 'releaseAll'
  return operation.writeKey === undefined ? 'release' : 'releaseWrite'
}
