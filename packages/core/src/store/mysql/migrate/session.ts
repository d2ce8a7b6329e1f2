import type { Connection, ConnectionOptions, RowDataPacket } from 'mysql2'
import type { MysqlDsn } from '../../../config/dsn.ts'
import { Deadline } from '../../../deadline.ts'
import { PresenceError } from '../../../domain/fault.ts'
import { cutTo, oneLine } from '../../../domain/text.ts'
import { ASK_ENGINE, type Engine, engineOfAnswer } from '../engine.ts'
import { isDenied, mysqlFault, numberOf, unreachable } from '../faults.ts'
import { wireOptions } from '../wire.ts'

/** Within how long a server must take a connection or answer a probe, in milliseconds. */
const ANSWER_MS = 2_000
/** A statement that runs longer than this has the server probed beside it, again and again. */
const PROBE_AFTER_MS = 500

/**
 * One connection for a migration. A schema change may take its time on a big table, so a statement has no deadline of
 * its own; a server that stops answering is noticed by probing it on a second connection.
 */
export class MigrationSession implements AsyncDisposable {
  readonly shown: string
  readonly engine: Engine
  readonly #dsn: MysqlDsn
  readonly #connection: Connection
  readonly #options: ConnectionOptions

  private constructor(dsn: MysqlDsn, connection: Connection, options: ConnectionOptions, engine: Engine) {
    this.shown = dsn.shown
    this.#dsn = dsn
    this.#connection = connection
    this.#options = options
    this.engine = engine
  }

  /** @param createDatabase create the DSN's database first, if the server lacks it */
  static async open(dsn: MysqlDsn, createDatabase: boolean): Promise<MigrationSession> {
    const options = await wireOptions(dsn)
    const connection = await connect(dsn, options)
    try {
      const query = (sql: string) => answered(dsn, send(connection, sql))
      const [answer] = await query(ASK_ENGINE)
      const engine = engineOfAnswer(answer)
      await query('SET autocommit = 1')
      const withBranch = dsn.branch !== undefined && (engine.branches || dsn.branchRequired)
      const use = `USE \`${withBranch ? `${dsn.database}/${dsn.branch}` : dsn.database}\``
      await query(use).catch(async error => {
        // Asked for only where the database is lacking, for an account may well not be let create what is there already. One
        // with few rights isn't told that it is lacking, only that it is denied.
        if (!createDatabase || !(numberOf(error) === 1049 || isDenied(error))) throw error
        const create = `CREATE DATABASE IF NOT EXISTS \`${dsn.database}\``
        await query(create).catch(cause => {
          throw isDenied(cause) ? denied(dsn, create, cause) : cause
        })
        await query(use)
      })
      return new MigrationSession(dsn, connection, options, engine)
    } catch (error) {
      connection.destroy()
      throw mysqlFault(error, dsn.shown)
    }
  }

  /** Runs one statement for as long as it takes while the server lives. */
  async query(sql: string): Promise<readonly RowDataPacket[]> {
    const statement = send(this.#connection, sql)
    statement.catch(() => {})
    const ended = Promise.withResolvers<void>()
    statement.then(
      () => ended.resolve(),
      () => ended.resolve(),
    )
    try {
      return await Promise.race([statement, this.#probeUntil(ended.promise)])
    } catch (error) {
      if (error instanceof PresenceError) this.#connection.destroy()
      throw isDenied(error) ? denied(this.#dsn, sql, error) : error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>(resolve => this.#connection.end(() => resolve()))
    await Deadline.after(200)
      .race(closed, () => new Error())
      .catch(() => this.#connection.destroy())
  }

  /** Rejects once the server stops answering; resolves never. */
  async #probeUntil(ended: Promise<void>): Promise<never> {
    for (;;) {
      const over = await Promise.race([ended.then(() => true), pause(PROBE_AFTER_MS).then(() => false)])
      if (over) return new Promise<never>(() => {})
      const probe = await connect(this.#dsn, this.#options)
      try {
        await answered(this.#dsn, send(probe, 'SELECT 1'))
      } finally {
        probe.destroy()
      }
    }
  }
}

async function connect(dsn: MysqlDsn, options: ConnectionOptions): Promise<Connection> {
  const { createConnection } = await import('mysql2')
  const connection = createConnection({ ...options, connectTimeout: ANSWER_MS })
  connection.on('error', () => {})
  const connected = new Promise<void>((resolve, reject) =>
    connection.connect(error => (error ? reject(error) : resolve())),
  )
  try {
    await answered(dsn, connected)
    return connection
  } catch (error) {
    connection.destroy()
    throw mysqlFault(error, dsn.shown)
  }
}

function answered<T>(dsn: MysqlDsn, promise: Promise<T>): Promise<T> {
  return Deadline.after(ANSWER_MS).race(promise, () => unreachable(dsn.shown, 'no answer in time'))
}

function send(connection: Connection, sql: string): Promise<readonly RowDataPacket[]> {
  return new Promise((resolve, reject) =>
    connection.query<RowDataPacket[]>(sql, (error, rows) => (error ? reject(error) : resolve(rows))),
  )
}

/** An account may be all that the board's verbs need, and too little to migrate: says what it would have to do. */
function denied(dsn: MysqlDsn, sql: string, cause: unknown): PresenceError {
  const statement = oneLine(
    sql
      .replace(/^--.*\n/gm, '')
      .replaceAll('`', '')
      .replace(/\(.*/s, ''),
  )
  return new PresenceError(
    'access_denied',
    `the board at ${dsn.shown} denies this account what migrating takes: ${cutTo(statement, 80)}`,
    `run presence migrate as an account with every privilege on the database: GRANT ALL ON \`${dsn.database}\`.* TO …`,
    { cause },
  )
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms).unref())
}

/** Is it the error of a statement whose work was done by a run that ended before it could note so? */
export function isAlreadyDone(error: unknown): boolean {
  const number = numberOf(error)
  if (number === 1050 || number === 1060 || number === 1061) return true
  return number === 1105 && /already exists|duplicate key name/i.test((error as Error).message)
}
