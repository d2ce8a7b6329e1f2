import type { Socket } from 'node:net'
import type { Pool, PoolConnection, ResultSetHeader, RowDataPacket } from 'mysql2'
import type { MysqlDsn } from '../../config/dsn.ts'
import { Deadline, monotonicMs, ownWork } from '../../deadline.ts'
import type { PresenceError } from '../../domain/fault.ts'
import { begins, type Underway } from '../endings.ts'
import { Gate } from '../gate.ts'
import { ASK_ENGINE, engineOfAnswer } from './engine.ts'
import {
  isConflict,
  isConnectionLoss,
  isPassing,
  isStale,
  isUnknown,
  mysqlFault,
  noBranch,
  noBranches,
  numberOf,
  tooSlow,
  unreachable,
} from './faults.ts'
import { type InFlight, Overdue } from './overdue.ts'
import { readAsUtf8, wireOptions } from './wire.ts'

/** Writes to a Dolt server serialise (measured: 404 a second on 1 connection, 436 on 4), so a few are enough. */
const CONNECTIONS_MAX = 4
/** What a server may take to answer the question whether it is there, in milliseconds. */
const PROBE_MS = 1_000

/** How often a call is made again after an error that nothing is known of: it may pass, or come again for ever. */
const UNKNOWN_TRIES = 2

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
  readonly #running = new Set<Running>()
  /** When the server last answered anything, on `monotonicMs`. */
  #answeredMs = Number.NEGATIVE_INFINITY
  #pool: Promise<Pool> | undefined
  /** Of the connection that the pool opened last. */
  #socket: Socket | undefined

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
    let unknown = 0
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(deadline, work)
      } catch (error) {
        const again =
          isConflict(error) ||
          isPassing(error) ||
          (isStale(error) && ++lost <= CONNECTIONS_MAX) ||
          (isUnknown(error) && ++unknown <= UNKNOWN_TRIES)
        if (again && !isStale(error)) await deadline.pause(Math.random() * Math.min(100, 5 * 2 ** attempt))
        if (!again || deadline.passed) throw mysqlFault(error, this.#dsn.shown)
      }
    }
  }

  async close(): Promise<void> {
    this.gate?.close()
    for (const running of this.#running) running.giveUp()
    const pool = this.#pool
    this.#pool = undefined
    if (!pool) return
    const opened = await pool.catch(() => undefined)
    opened?.end(() => {})
  }

  async #once<T>(deadline: Deadline, work: (query: Query) => Promise<T>): Promise<T> {
    const running = new Running(this.#dsn, deadline, () => this.#answeredMs > deadline.beganMs)
    this.#running.add(running)
    try {
      const connection = await this.#connect(running)
      return await this.#on(connection, running, work)
    } finally {
      this.#running.delete(running)
      running.end()
    }
  }

  async #on<T>(connection: PoolConnection, running: Running, work: (query: Query) => Promise<T>): Promise<T> {
    try {
      const result = await running.race(work(sql => running.send(connection, sql)))
      this.#answeredMs = monotonicMs()
      connection.release()
      return result
    } catch (error) {
      await this.#recover(connection, running, error)
      throw error
    }
  }

  /**
   * On Dolt a failed write leaves the connection in a snapshot that its next read would still see: roll back before
   * anyone else gets it. A timed-out statement may yet be applied; its connection can't be used again.
   */
  async #recover(connection: PoolConnection, running: Running, error: unknown): Promise<void> {
    const serverSaidNo = numberOf(error) !== undefined && !isConnectionLoss(error)
    if (!serverSaidNo) return connection.destroy()
    try {
      await running.race(running.send(connection, 'ROLLBACK'))
      connection.release()
    } catch {
      connection.destroy()
    }
  }

  async #connect(running: Running): Promise<PoolConnection> {
    const onSocket = (socket: Socket) => {
      this.#socket = socket
    }
    this.#pool ??= ownWork(() => openPool(this.#dsn, onSocket))
    const pool = await this.#pool.catch(error => {
      this.#pool = undefined
      throw error
    })
    this.#socket = undefined
    const connecting = new Promise<PoolConnection>((resolve, reject) =>
      pool.getConnection((error, connection) => (error ? reject(error) : resolve(connection))),
    )
    // The driver opens the socket before it returns: this one is for this call, if there is one.
    const socket = this.#socket as Socket | undefined
    let late = false
    connecting.then(connection => late && connection.destroy()).catch(() => {})
    try {
      return await running.race(connecting)
    } catch (error) {
      late = true
      // Attempts that nobody waits for would fill the pool, and keep the first call after an outage out for 10 s.
      socket?.destroy()
      if (!this.#dsn.branch || !mayLackBranches(error)) throw error
      return this.#withoutBranch(running, error)
    }
  }

  /**
   * An engine without branches, whose greeting didn't say so, has the database by its bare name. Where neither is there
   * it is the database that is lacking.
   */
  async #withoutBranch(running: Running, notFound: unknown): Promise<PoolConnection> {
    const plain = new Connections({ ...this.#dsn, branch: undefined })
    const [answer] = await plain.use(running.deadline, query => query<RowDataPacket[]>(ASK_ENGINE))
    const engine = engineOfAnswer(answer)
    if (engine.branches || this.#dsn.branchRequired) {
      await plain.close()
      if (!engine.branches) throw noBranches(this.#dsn, engine.name)
      throw numberOf(notFound) === 1049 ? noBranch(this.#dsn, notFound) : notFound
    }
    const withBranch = await this.#pool?.catch(() => undefined)
    withBranch?.end(() => {})
    this.#pool = plain.#pool
    return plain.#connect(running)
  }
}

/** One call on its way: what it waits for, and what becomes of that once nobody waits any more. */
class Running implements Underway {
  readonly deadline: Deadline
  readonly #dsn: MysqlDsn
  readonly #overdue: Overdue
  readonly #givenUp = Promise.withResolvers<never>()
  #inFlight: InFlight | undefined
  #isGivenUp = false
  #isAbandoned = false
  readonly #isOver: () => void
  readonly #hasAnswered: () => boolean

  /** @param hasAnswered did the server answer an earlier statement of the same call? */
  constructor(dsn: MysqlDsn, deadline: Deadline, hasAnswered: () => boolean) {
    this.#dsn = dsn
    this.#hasAnswered = hasAnswered
    this.deadline = deadline
    this.#overdue = new Overdue(dsn, deadline)
    this.#givenUp.promise.catch(() => {})
    this.#isOver = begins(this)
  }

  /** @throws PresenceError at the deadline; what the server is doing by then is ended there */
  async race<T>(work: Promise<T>): Promise<T> {
    try {
      return await this.deadline.race(Promise.race([work, this.#givenUp.promise]), () => this.#late())
    } catch (error) {
      if (this.#isAbandoned) await new Promise(() => {})
      throw error
    }
  }

  async send<T extends RowDataPacket[] | ResultSetHeader>(
    connection: PoolConnection,
    sql: string,
  ): Promise<T> {
    // A server shows what it runs without blanks around it.
    const text = sql.trim()
    this.#inFlight = { threadId: connection.threadId, sql: text }
    try {
      return await send<T>(connection, text)
    } finally {
      this.#inFlight = undefined
    }
  }

  /** The board is closed under it. */
  giveUp(): void {
    this.#isGivenUp = true
    this.#givenUp.reject(this.#late())
  }

  abandon(): void {
    this.#isAbandoned = true
    this.#overdue.kill(this.#inFlight)
  }

  end(): void {
    this.#isOver()
    this.#overdue.callOff()
  }

  #late(): PresenceError {
    const { shown } = this.#dsn
    this.#overdue.kill(this.#inFlight)
    // Where nobody waits any more it is not the server's fault: it is not called unreachable.
    const isAwaited = !this.#isGivenUp && !this.deadline.signal?.aborted
    const isThere = this.#overdue.isThere || this.#hasAnswered() || !isAwaited
    return isThere ? tooSlow(shown, this.deadline.ms) : unreachable(shown, 'no answer in time')
  }
}

/** Is it what an engine without branches says of `database/main`: unknown, or denied to an account of that database only? */
function mayLackBranches(error: unknown): boolean {
  const number = numberOf(error)
  return number === 1049 || number === 1044
}

async function openPool(dsn: MysqlDsn, onSocket: (socket: Socket) => void): Promise<Pool> {
  const { createPool } = await import('mysql2')
  const { database, branch, branchRequired } = dsn
  const needAutocommit = new WeakSet<object>()
  const onGreeting: Parameters<typeof wireOptions>[1] = (greeting, engine, config) => {
    if (engine?.branches === false && !branchRequired) config.database = database
    if (engine?.greetsAutocommit && !greeting.autocommit) needAutocommit.add(config)
  }
  const wire = await wireOptions(dsn, onGreeting, onSocket)
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
