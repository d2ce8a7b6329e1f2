import type { Connection, ConnectionOptions, RowDataPacket } from 'mysql2'
import type { MysqlDsn } from '../../../config/dsn.ts'
import { Deadline, ownWork } from '../../../deadline.ts'
import { PresenceError } from '../../../domain/fault.ts'
import { cutTo, oneLine } from '../../../domain/text.ts'
import { sleep } from '../../../sleep.ts'
import { loadDriver } from '../driver.ts'
import { ASK_ENGINE, type Engine, engineOfAnswer } from '../engine.ts'
import { isDenied, mysqlFault, noBranch, noBranches, numberOf, unreachable } from '../faults.ts'
import { readAsUtf8, wireOptions } from '../wire.ts'

/** How long a server may take to accept a connection or answer a probe, in milliseconds. */
const ANSWER_MS = 2_000
/**
 * While a statement runs longer than this, in milliseconds, the server is probed repeatedly on another
 * connection.
 */
const PROBE_AFTER_MS = 500

/**
 * A connection for a migration. A schema change may take long on a big table, so statements have no deadline.
 * Probes on a second connection detect a server that stops answering.
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

  /** @param createDatabase creates the DSN's database first if the server lacks it */
  static async open(dsn: MysqlDsn, createDatabase: boolean): Promise<MigrationSession> {
    const options = await ownWork(() => wireOptions(dsn))
    const connection = await connect(dsn, options)
    try {
      const query = (sql: string) => answered(dsn, send(connection, sql))
      const [answer] = await query(ASK_ENGINE)
      const engine = engineOfAnswer(answer)
      const tables = engine.tables === undefined ? '' : `, default_storage_engine = ${engine.tables}`
      await query(`SET autocommit = 1${tables}`)
      await useDatabase(dsn, engine, query, createDatabase)
      return new MigrationSession(dsn, connection, options, engine)
    } catch (error) {
      connection.destroy()
      throw mysqlFault(error, dsn.shown, dsn.password !== '')
    }
  }

  /** Runs a statement for as long as it takes, unless the server stops answering. */
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

  /** Rejects once the server stops answering; never resolves. */
  async #probeUntil(ended: Promise<void>): Promise<never> {
    for (;;) {
      const over = await Promise.race([
        ended.then(() => true),
        sleep(PROBE_AFTER_MS, { ref: false }).then(() => false),
      ])
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

/**
 * Selects the DSN's database and branch. Creates the database if it is missing and `createDatabase` is set.
 */
async function useDatabase(
  dsn: MysqlDsn,
  engine: Engine,
  query: (sql: string) => Promise<unknown>,
  createDatabase: boolean,
): Promise<void> {
  const { database, branch } = dsn
  if (dsn.branchRequired && !engine.branches) throw noBranches(dsn, engine.name)
  const use = (name: string) => query(`USE \`${name}\``)
  const wanted = branch !== undefined && engine.branches ? `${database}/${branch}` : database
  const lacking = await use(wanted).then(
    () => undefined,
    // An account with few rights gets "denied" even for a database that doesn't exist.
    error =>
      numberOf(error) === 1049 || (createDatabase && isDenied(error)) ? error : Promise.reject(error),
  )
  if (!lacking) return
  const isThere =
    wanted !== database &&
    (await use(database).then(
      () => true,
      () => false,
    ))
  if (isThere) throw noBranch(dsn, lacking)
  // Create only a missing database: an account may lack the right to create one that exists already.
  if (!createDatabase) throw lacking
  const create = `CREATE DATABASE IF NOT EXISTS \`${database}\``
  await query(create).catch(cause => {
    throw isDenied(cause) ? denied(dsn, create, cause) : cause
  })
  // A new database has the branch that the server's settings name, which may be another one.
  await use(wanted).catch(error => {
    throw wanted !== database && numberOf(error) === 1049 ? noBranch(dsn, error) : error
  })
}

async function connect(dsn: MysqlDsn, options: ConnectionOptions): Promise<Connection> {
  const { createConnection } = await ownWork(loadDriver)
  const connection = createConnection({ ...options, connectTimeout: ANSWER_MS })
  connection.on('error', () => {})
  const connected = new Promise<void>((resolve, reject) =>
    connection.connect(error => (error ? reject(error) : resolve())),
  )
  try {
    await answered(dsn, connected)
    readAsUtf8(connection)
    return connection
  } catch (error) {
    connection.destroy()
    throw mysqlFault(error, dsn.shown, dsn.password !== '')
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

/**
 * The fault for an account that may use the board but not migrate it. It names the statement that was denied.
 */
function denied(dsn: MysqlDsn, sql: string, cause: unknown): PresenceError {
  const statement = oneLine(
    sql
      .replace(/^--.*\n/gm, '')
      .replaceAll('`', '')
      .replace(/\(.*/s, ''),
  )
  return new PresenceError(
    'access_denied',
    `the board at ${dsn.shown} denies this account a statement that migrating needs: ${cutTo(statement, 80)}`,
    `run presence migrate as an account with every privilege on the database: GRANT ALL ON \`${dsn.database}\`.* TO …`,
    { cause },
  )
}

/** True for the error of a statement that an earlier run had executed but not recorded. */
export function isAlreadyDone(error: unknown): boolean {
  const number = numberOf(error)
  if (number === 1050 || number === 1060 || number === 1061) return true
  return number === 1105 && /already exists|duplicate key name/i.test((error as Error).message)
}
