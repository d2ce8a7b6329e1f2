import type { Pool, PoolConnection, ResultSetHeader, RowDataPacket } from 'mysql2'
import type { MysqlDsn } from '../../config/dsn.ts'
import { Deadline } from '../../deadline.ts'
import { Gate } from '../gate.ts'
import { ASK_ENGINE, engineOfAnswer } from './engine.ts'
import {
  isConflict,
  isConnectionLoss,
  isStale,
  mysqlFault,
  noBranch,
  noBranches,
  numberOf,
  unreachable,
} from './faults.ts'
import { readAsUtf8, wireOptions } from './wire.ts'

/** Writes to a Dolt server serialise (measured: 404 a second on 1 connection, 436 on 4), so a few are enough. */
const CONNECTIONS_MAX = 4
/** What a server may take to answer the question whether it is there, in milliseconds. */
const PROBE_MS = 1_000

/** Sends one statement and gives its rows, or its header when it has none. */
export type Query = <T extends RowDataPacket[] | ResultSetHeader>(sql: string) => Promise<T>

/**
 * The connections to one database. Each `use` ends within its deadline, leaves no connection in a state that the next
 * user would feel, and tries again after a lost race or a connection that had gone stale: every statement here may be
 * applied twice.
 */
export class Connections {
  readonly #dsn: MysqlDsn
  /** For those who have many callers: a single one needs no turn. */
  readonly gate: Gate | undefined
  #pool: Promise<Pool> | undefined

  constructor(dsn: MysqlDsn, { shared = false }: { readonly shared?: boolean } = {}) {
    this.#dsn = dsn
    const probe = () => this.#tried(Deadline.after(PROBE_MS), query => query('SELECT 1'))
    this.gate = shared ? new Gate(CONNECTIONS_MAX, probe) : undefined
  }

  use<T>(deadline: Deadline, work: (query: Query) => Promise<T>): Promise<T> {
    return this.gate
      ? this.gate.pass(deadline, within => this.#tried(within, work))
      : this.#tried(deadline, work)
  }

  async #tried<T>(deadline: Deadline, work: (query: Query) => Promise<T>): Promise<T> {
    let lost = 0
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(deadline, work)
      } catch (error) {
        const again = isConflict(error) || (isStale(error) && ++lost <= CONNECTIONS_MAX)
        if (!again || deadline.passed) throw mysqlFault(error, this.#dsn.shown)
        if (isConflict(error)) await deadline.pause(Math.random() * Math.min(100, 5 * 2 ** attempt))
      }
    }
  }

  async close(): Promise<void> {
    this.gate?.close()
    const pool = this.#pool
    this.#pool = undefined
    if (!pool) return
    const opened = await pool.catch(() => undefined)
    opened?.end(() => {})
  }

  async #once<T>(deadline: Deadline, work: (query: Query) => Promise<T>): Promise<T> {
    const connection = await this.#connect(deadline)
    try {
      const result = await deadline.race(
        work(sql => send(connection, sql)),
        () => unreachable(this.#dsn.shown, 'no answer in time'),
      )
      connection.release()
      return result
    } catch (error) {
      await this.#recover(connection, deadline, error)
      throw error
    }
  }

  /**
   * On Dolt a failed write leaves the connection in a snapshot that its next read would still see: roll back before
   * anyone else gets it. A timed-out statement may yet be applied; its connection can't be used again.
   */
  async #recover(connection: PoolConnection, deadline: Deadline, error: unknown): Promise<void> {
    const serverSaidNo = numberOf(error) !== undefined && !isConnectionLoss(error)
    if (!serverSaidNo) return connection.destroy()
    try {
      await deadline.race(send(connection, 'ROLLBACK'), () =>
        unreachable(this.#dsn.shown, 'no answer in time'),
      )
      connection.release()
    } catch {
      connection.destroy()
    }
  }

  async #connect(deadline: Deadline): Promise<PoolConnection> {
    this.#pool ??= openPool(this.#dsn)
    const pool = await this.#pool.catch(error => {
      this.#pool = undefined
      throw error
    })
    const connecting = new Promise<PoolConnection>((resolve, reject) =>
      pool.getConnection((error, connection) => (error ? reject(error) : resolve(connection))),
    )
    let late = false
    connecting.then(connection => late && connection.destroy()).catch(() => {})
    try {
      return await deadline.race(connecting, () => {
        late = true
        return unreachable(this.#dsn.shown, 'no answer in time')
      })
    } catch (error) {
      if (!this.#dsn.branch || !mayLackBranches(error)) throw error
      return this.#withoutBranch(deadline, error)
    }
  }

  /**
   * An engine without branches, whose greeting didn't say so, has the database by its bare name. Where neither is there
   * it is the database that is lacking.
   */
  async #withoutBranch(deadline: Deadline, notFound: unknown): Promise<PoolConnection> {
    const plain = new Connections({ ...this.#dsn, branch: undefined })
    const [answer] = await plain.use(deadline, query => query<RowDataPacket[]>(ASK_ENGINE))
    const engine = engineOfAnswer(answer)
    if (engine.branches || this.#dsn.branchRequired) {
      await plain.close()
      if (!engine.branches) throw noBranches(this.#dsn, engine.name)
      throw numberOf(notFound) === 1049 ? noBranch(this.#dsn, notFound) : notFound
    }
    const withBranch = await this.#pool?.catch(() => undefined)
    withBranch?.end(() => {})
    this.#pool = plain.#pool
    return plain.#connect(deadline)
  }
}

/** Is it what an engine without branches says of `database/main`: unknown, or denied to an account of that database only? */
function mayLackBranches(error: unknown): boolean {
  const number = numberOf(error)
  return number === 1049 || number === 1044
}

async function openPool(dsn: MysqlDsn): Promise<Pool> {
  const { createPool } = await import('mysql2')
  const { database, branch, branchRequired } = dsn
  const needAutocommit = new WeakSet<object>()
  const wire = await wireOptions(dsn, (greeting, engine, config) => {
    if (engine?.branches === false && !branchRequired) config.database = database
    if (engine?.greetsAutocommit && !greeting.autocommit) needAutocommit.add(config)
  })
  const pool = createPool({
    ...wire,
    database: branch === undefined ? database : `${database}/${branch}`,
    connectionLimit: CONNECTIONS_MAX,
    // No statement is prepared here, and the driver allots this cache in full for each connection.
    maxPreparedStatements: 1,
  })
  // A server may begin connections outside autocommit, where nothing written would stay. The driver keeps the order.
  pool.on('connection', connection => {
    readAsUtf8(connection)
    if (needAutocommit.has(connection.config)) connection.query('SET autocommit = 1')
  })
  return pool
}

function send<T extends RowDataPacket[] | ResultSetHeader>(
  connection: PoolConnection,
  sql: string,
): Promise<T> {
  return new Promise((resolve, reject) =>
    connection.query(sql, (error: unknown, result: unknown) =>
      error ? reject(error) : resolve(result as T),
    ),
  )
}
