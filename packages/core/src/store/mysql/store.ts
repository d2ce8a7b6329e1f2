import migrations from 'virtual:migrations/mysql'
import type { ResultSetHeader, RowDataPacket } from 'mysql2'
import type { MysqlDsn } from '../../config/dsn.ts'
import type { Deadline } from '../../deadline.ts'
import { type Snapshot, snapshotOf } from '../../domain/claim.ts'
import { PresenceError } from '../../domain/fault.ts'
import type { Lock } from '../../domain/lock.ts'
import type { QueuedOperation } from '../../domain/operation.ts'
import type { RegisteredSession } from '../../domain/seen.ts'
import type { Session } from '../../domain/session.ts'
import { columnsOfOwn, columnsOfQueued, columnsOfSession, toClaim, toLock, toRegistered } from '../columns.ts'
import { versionOf } from '../migration.ts'
import type { OwnClaim, Scope, Store } from '../port.ts'
import { Connections, type Query } from './connections.ts'
import type { ClaimRow, LockRow, SessionRow } from './schema.ts'
import {
  endSql,
  extendLocksSql,
  extendSql,
  forgetLapsesSql,
  forgetReplaysSql,
  forgetSessionsSql,
  freeSql,
  HEADER,
  lockSql,
  makeLockSql,
  noteReplaySql,
  pruneSql,
  putSql,
  readSql,
  registerSql,
  removeSql,
  replaySql,
  sessionsSql,
  takeSql,
  touchSql,
  withdrawSql,
} from './statements.ts'

const SCHEMA_VERSION = versionOf(migrations)

type Row = ClaimRow & RowDataPacket & Header
interface Header {
  readonly read_at: Date
  readonly schema_version: number | null
}

/** The board on Dolt, on MariaDB, or on any engine that speaks its protocol. */
export class MysqlStore implements Store {
  readonly #connections: Connections
  readonly #shown: string

  constructor(dsn: MysqlDsn) {
    this.#connections = new Connections(dsn)
    this.#shown = dsn.shown
  }

  async put(own: OwnClaim, deadline: Deadline): Promise<void> {
    const sql = putSql({ ...columnsOfOwn(own), schema_version: SCHEMA_VERSION })
    const written = await this.#write(sql, deadline)
    if (written === 0) await this.#header(deadline)
  }

  extend(sessionId: string, deadline: Deadline): Promise<number> {
    return this.#write(extendSql({ session_id: sessionId, schema_version: SCHEMA_VERSION }), deadline)
  }

  extendLocks(
    sessionId: string,
    only: { readonly label: string; readonly token: number } | undefined,
    deadline: Deadline,
  ): Promise<number> {
    const values = { session_id: sessionId, schema_version: SCHEMA_VERSION }
    const one = only && { resource_label: only.label, token: only.token }
    return this.#write(extendLocksSql({ ...values, ...one }), deadline)
  }

  async take(own: OwnClaim, nonce: string, deadline: Deadline): Promise<void> {
    const values = { ...columnsOfOwn(own), nonce, schema_version: SCHEMA_VERSION }
    await this.#write(takeSql(values), deadline)
  }

  async makeLock(label: string, nonce: string, deadline: Deadline): Promise<void> {
    const values = { resource_label: label, nonce, schema_version: SCHEMA_VERSION }
    const written = await this.#write(makeLockSql(values), deadline)
    if (written === 0) await this.#header(deadline)
  }

  lock(label: string, deadline: Deadline): Promise<Lock | undefined> {
    return this.#connections.use(deadline, async query => {
      const [row] = await query<(LockRow & RowDataPacket & Header)[]>(lockSql(label))
      if (row) this.#checkSchema(row)
      return row && toLock(row, row.read_at)
    })
  }

  async free(
    sessionId: string,
    { label, token }: { readonly label?: string; readonly token?: number },
    deadline: Deadline,
  ): Promise<void> {
    const values = {
      session_id: sessionId,
      schema_version: SCHEMA_VERSION,
      ...(label === undefined ? {} : { resource_label: label }),
      ...(token === undefined ? {} : { token }),
    }
    await this.#write(freeSql(values), deadline)
  }

  async withdraw(label: string, nonce: string, deadline: Deadline): Promise<void> {
    await this.#write(withdrawSql({ resource_label: label, nonce, schema_version: SCHEMA_VERSION }), deadline)
  }

  async register(session: Session, deadline: Deadline): Promise<void> {
    const sql = registerSql({ ...columnsOfSession(session), schema_version: SCHEMA_VERSION })
    const written = await this.#write(sql, deadline)
    if (written === 0) await this.#header(deadline)
  }

  async touch(sessionId: string, deadline: Deadline): Promise<void> {
    await this.#write(touchSql({ session_id: sessionId, schema_version: SCHEMA_VERSION }), deadline)
  }

  async end(sessionId: string, deadline: Deadline): Promise<void> {
    await this.#write(endSql({ session_id: sessionId, schema_version: SCHEMA_VERSION }), deadline)
  }

  sessions(deadline: Deadline): Promise<readonly RegisteredSession[]> {
    return this.#connections.use(deadline, async query => {
      const rows = await query<(SessionRow & RowDataPacket & Header)[]>(sessionsSql())
      if (rows[0]) this.#checkSchema(rows[0])
      return rows.map(toRegistered)
    })
  }

  async forgetLapses(sessionId: string, deadline: Deadline): Promise<void> {
    await this.#write(forgetLapsesSql({ session_id: sessionId, schema_version: SCHEMA_VERSION }), deadline)
  }

  async remove(sessionId: string, label: string | undefined, deadline: Deadline): Promise<void> {
    const values = { session_id: sessionId, schema_version: SCHEMA_VERSION }
    await this.#write(
      removeSql(label === undefined ? values : { ...values, resource_label: label }),
      deadline,
    )
  }

  async read(scope: Scope, sessionId: string, deadline: Deadline): Promise<Snapshot> {
    return this.#connections.use(deadline, async query => {
      const rows = await query<Row[]>(readSql(scope, sessionId))
      const header = rows[0] ?? (await this.#headerOf(query))
      this.#checkSchema(header)
      return snapshotOf(header.read_at, rows.map(toClaim))
    })
  }

  async now(deadline: Deadline): Promise<Date> {
    const header = await this.#connections.use(deadline, query => this.#headerOf(query))
    this.#checkSchema(header)
    return header.read_at
  }

  async replay(operation: QueuedOperation, saidAt: Date, deadline: Deadline): Promise<boolean> {
    const values = {
      ...columnsOfQueued(operation),
      said_at: saidAt.toISOString().slice(0, 23).replace('T', ' '),
      schema_version: SCHEMA_VERSION,
    }
    return this.#connections.use(deadline, async query => {
      await query('BEGIN')
      const note = noteReplaySql({ operation_id: operation.id, schema_version: SCHEMA_VERSION })
      const isNew = (await query<ResultSetHeader>(note)).affectedRows === 1
      if (isNew) await query(replaySql[operation.verb](values))
      // Nothing noted on a board of another schema: that is no operation done before.
      else this.#checkSchema(await this.#headerOf(query))
      await query('COMMIT')
      return isNew
    })
  }

  async prune(rows: number, deadline: Deadline): Promise<number> {
    await this.#write(forgetReplaysSql(), deadline)
    await this.#write(forgetSessionsSql({ rows, schema_version: SCHEMA_VERSION }), deadline)
    return this.#write(pruneSql({ rows, schema_version: SCHEMA_VERSION }), deadline)
  }

  close(): Promise<void> {
    return this.#connections.close()
  }

  #write(sql: string, deadline: Deadline): Promise<number> {
    return this.#connections.use(deadline, async query => (await query<ResultSetHeader>(sql)).affectedRows)
  }

  async #header(deadline: Deadline): Promise<void> {
    this.#checkSchema(await this.#connections.use(deadline, query => this.#headerOf(query)))
  }

  async #headerOf(query: Query): Promise<Header> {
    const [header] = await query<(RowDataPacket & Header)[]>(HEADER)
    if (!header) throw new TypeError('a SELECT without FROM rows gave none')
    return header
  }

  #checkSchema({ schema_version: found }: Header): void {
    if (found === SCHEMA_VERSION) return
    if (found === null)
      throw new PresenceError('schema_missing', `the board at ${this.#shown} has no schema yet`, MIGRATE)
    if (found < SCHEMA_VERSION)
      throw new PresenceError(
        'schema_older',
        `the board at ${this.#shown} has schema version ${found}; this presence needs ${SCHEMA_VERSION}`,
        MIGRATE,
      )
    throw new PresenceError(
      'schema_newer',
      `the board at ${this.#shown} has schema version ${found}; this presence knows up to ${SCHEMA_VERSION}`,
      'install a newer presence',
    )
  }
}

const MIGRATE = 'run: presence migrate'
