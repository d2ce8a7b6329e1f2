import { type Deadline, ownWork } from '../../deadline.ts'
import { momentOf, type Snapshot } from '../../domain/claim.ts'
import type { Said } from '../../domain/operation.ts'
import type { RegisteredSession, SessionState } from '../../domain/seen.ts'
import type { Session } from '../../domain/session.ts'
import { newKey } from '../../domain/write-key.ts'
import {
  columnOfWriteKey,
  columnsOfCall,
  columnsOfOwn,
  columnsOfQueued,
  columnsOfSession,
  columnsOfWrite,
} from '../columns.ts'
import type { Commands } from '../port/commands.ts'
import type { Coordination } from '../port/coordination.ts'
import type { History } from '../port/history.ts'
import type { Locks, OwnClaim } from '../port/locks.ts'
import type { Made, Once } from '../port/once.ts'
import type { SessionTokens } from '../port/session-tokens.ts'
import type { Before, Releasing, Scope, SessionFilter, Store } from '../port/store.ts'
import { type AnySessionRow, type SessionCounts, statesOf, toRegistered } from '../rows.ts'
import type { ReplayRow } from '../tables/claims.ts'
import type { Database, Values } from './database.ts'
import { SqlLocks } from './locks.ts'
import type { OutboxStatements, Statements } from './statements.ts'

/**
 * A board in an SQL database. A dialect adds its statements and its `Database`, and what the dialects do
 * differently: how a snapshot is read.
 */
export abstract class SqlStore<Of extends Database> implements Store {
  readonly locks: Locks
  readonly history: History
  protected readonly database: Of
  readonly #sql: Statements

  constructor(database: Of, statements: Statements, history: History) {
    this.database = database
    this.#sql = statements
    this.locks = new SqlLocks(database, statements)
    this.history = history
  }

  abstract read(scope: Scope, sessionId: string, deadline: Deadline): Promise<Snapshot>

  abstract now(deadline: Deadline): Promise<Date>

  async put(own: OwnClaim, writeKey: string, deadline: Deadline): Promise<void> {
    const values = { ...columnsOfOwn(own), ...columnOfWriteKey(writeKey) }
    await this.database.writeChecked(this.#sql.claims.put, values, deadline)
  }

  extend(sessionId: string, deadline: Deadline): Promise<number> {
    return this.database.write(this.#sql.claims.extend, { session_id: sessionId }, deadline)
  }

  async register(session: Session, deadline: Deadline): Promise<void> {
    await this.database.writeChecked(this.#sql.sessions.register, columnsOfSession(session), deadline)
  }

  async touch(sessionId: string, deadline: Deadline): Promise<void> {
    await this.database.write(this.#sql.sessions.touch, { session_id: sessionId }, deadline)
  }

  async end(sessionId: string, deadline: Deadline): Promise<void> {
    await this.database.write(this.#sql.sessions.end, { session_id: sessionId }, deadline)
  }

  async sessions({ which, page }: SessionFilter, deadline: Deadline): Promise<readonly RegisteredSession[]> {
    const { read, readPage } = this.#sql.sessions
    const sql = page ? readPage(which) : read(which)
    return (await this.database.read<AnySessionRow>(sql, { ...page }, deadline)).map(toRegistered)
  }

  async countSessions(deadline: Deadline): Promise<Readonly<Record<SessionState, number>>> {
    const [row] = await this.database.read<SessionCounts>(this.#sql.sessions.count, {}, deadline)
    return statesOf(row)
  }

  async registered(sessionId: string, deadline: Deadline): Promise<RegisteredSession | undefined> {
    const values = { session_id: sessionId }
    const [row] = await this.database.read<AnySessionRow>(this.#sql.sessions.readOne, values, deadline)
    return row && toRegistered(row)
  }

  async coordination(): Promise<Coordination> {
    const { coordinationOn } = await coordinationParts()
    return coordinationOn(this.database, this.#sql.terms)
  }

  async commands(): Promise<Commands> {
    const { SqlCommands } = await commandParts()
    return new SqlCommands(this.database, this.#sql)
  }

  async sessionTokens(): Promise<SessionTokens> {
    const { SqlSessionTokens } = await tokenParts()
    return new SqlSessionTokens(this.database, this.#sql.terms)
  }

  async forgetLapses(sessionId: string, deadline: Deadline): Promise<void> {
    await this.database.write(this.#sql.claims.forgetLapses, { session_id: sessionId }, deadline)
  }

  async undo(sessionId: string, label: string, writeKey: string, deadline: Deadline): Promise<void> {
    const { takeBack, lapseAgain, removeUnclaimed } = this.#sql.claims
    const values = columnsOfWrite(sessionId, label, writeKey, undefined)
    await this.database.transaction([takeBack, lapseAgain, removeUnclaimed], values, deadline)
  }

  async takeBack(
    sessionId: string,
    label: string,
    writeKey: string,
    before: Before | undefined,
    deadline: Deadline,
  ): Promise<boolean> {
    const { takeBack, restore, removeUnclaimed } = this.#sql.claims
    const values = columnsOfWrite(sessionId, label, writeKey, before)
    const statements = [before ? restore : takeBack, removeUnclaimed]
    return (await this.database.transaction(statements, values, deadline)) > 0
  }

  async removeLapsed(sessionId: string, label: string, deadline: Deadline): Promise<void> {
    const values = { session_id: sessionId, resource_label: label }
    await this.database.write(this.#sql.claims.removeLapsed, values, deadline)
  }

  async release(
    sessionId: string,
    { label, claims, locks, ended, session }: Releasing,
    deadline: Deadline,
    once?: Once,
  ): Promise<boolean> {
    const sql = this.#sql
    const isAll = label === undefined
    const statements = [
      ...(claims ? [isAll ? sql.claims.removeAll : sql.claims.remove] : []),
      ...(ended ? [isAll ? sql.history.forgetAll : sql.history.forget] : []),
      ...(locks ? [`${sql.locks.free}${isAll ? '' : ' AND resource_label = :resource_label'}`] : []),
      ...(session ? [sql.sessions.end] : []),
    ]
    const values = { session_id: sessionId, resource_label: label ?? null, freed_key: newKey() }
    if (once) {
      const noted = columnsOfCall(once.key, newKey(), once)
      return this.database.once(sql.outbox, statements, { ...values, ...noted }, deadline)
    }
    for (const statement of statements) await this.database.write(statement, values, deadline)
    return true
  }

  async note(once: Once, deadline: Deadline): Promise<boolean> {
    const noted = columnsOfCall(once.key, newKey(), once)
    return (await this.database.writeChecked(this.#sql.outbox.note, noted, deadline)) > 0
  }

  async made(key: string, deadline: Deadline): Promise<Made | undefined> {
    type Row = Pick<ReplayRow, 'session_id' | 'call_name' | 'input_hash' | 'answer'> & {
      readonly replayed_at: Date | number
    }
    const [row] = await this.database.read<Row>(this.#sql.outbox.noted, { operation_id: key }, deadline)
    return (
      row && {
        sessionId: row.session_id ?? '',
        name: row.call_name ?? '',
        inputHash: row.input_hash ?? '',
        answer: row.answer ?? '',
        at: momentOf(row.replayed_at),
      }
    )
  }

  async replay(operation: Said, saidAt: Date, deadline: Deadline): Promise<boolean> {
    const { statements, values } = await this.#applying(operation)
    const then = { said_at: this.database.moment(saidAt.getTime()) }
    const noted = columnsOfCall(operation.id, newKey())
    return this.database.once(this.#sql.outbox, statements, { ...values, ...then, ...noted }, deadline)
  }

  async prune(rows: number, deadline: Deadline): Promise<number> {
    const { outbox, sessions, waiters, history, claims, terms } = this.#sql
    const { pruneSql } = await coordinationParts()
    const prunes = [
      outbox.prune,
      sessions.prune,
      waiters.prune,
      history.pruneEnded,
      history.pruneEvents,
      claims.pruneEvents,
      ...pruneSql(terms),
    ]
    for (const prune of prunes) await this.database.write(prune, { rows }, deadline)
    const gone = await this.database.write(claims.prune, { rows }, deadline)
    // Last, because an account from before these tables may not have the right to them.
    const { pruneCommandsSql } = await commandParts()
    await this.database.write(pruneCommandsSql(terms), { rows }, deadline)
    const { pruneTokensSql } = await tokenParts()
    await this.database.write(pruneTokensSql(terms), { rows }, deadline)
    return gone
  }

  close(): Promise<void> {
    return this.database.close()
  }

  /** The statements that apply an outbox entry, and their values. */
  async #applying(
    operation: Said,
  ): Promise<{ readonly statements: readonly string[]; readonly values: Values }> {
    const { verb } = operation
    if (verb === 'message' || verb === 'component')
      return (await coordinationParts()).replayOf(operation, this.#sql.terms)
    return { statements: this.#sql.outbox.apply[verbOf(operation)], values: columnsOfQueued(operation) }
  }
}

/** Imported on demand, because few commands need it. */
function coordinationParts() {
  return ownWork(() => import('../coordination/index.ts'))
}

function commandParts() {
  return ownWork(() => import('./commands.ts'))
}

function tokenParts() {
  return ownWork(() => import('./session-tokens.ts'))
}

function verbOf(
  operation: Exclude<Said, { verb: 'message' | 'component' }>,
): keyof OutboxStatements['apply'] {
  if (operation.verb !== 'release') return operation.verb
  if (operation.label === undefined) return 'releaseAll'
  return operation.writeKey === undefined ? 'release' : 'releaseWrite'
}
