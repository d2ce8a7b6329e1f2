import type { Socket } from 'node:net'
import type { Pool, PoolConnection, ResultSetHeader, RowDataPacket } from 'mysql2'
import type { MysqlDsn } from '../../config/dsn.ts'
import { Deadline, monotonicMs, ownWork } from '../../deadline.ts'
import type { PresenceError } from '../../domain/fault.ts'
import { CircuitBreaker } from '../circuit-breaker.ts'
import { begins, type Underway } from '../endings.ts'
import { loadDriver } from './driver.ts'
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

/**
 * Dolt serializes writes (measured: 404 a second on 1 connection, 436 on 4), so a few connections are enough.
 */
const CONNECTIONS_MAX = 4
/** How long a server may take to answer a probe, in milliseconds. */
const PROBE_MS = 1_000

/** The most times that a call is repeated after an unknown error, which may be temporary or permanent. */
const UNKNOWN_TRIES = 2

/** Sends one statement and returns its rows, or its header if it has none. */
export type Query = <T extends RowDataPacket[] | ResultSetHeader>(sql: string) => Promise<T>

/**
 * The connections to one database. Each `use` ends within its deadline, and never leaves a connection in a
 * state that affects its next user. It tries again after a write conflict or on a stale connection, so every
 * statement must be safe to apply twice.
 */
export class Connections {
  readonly #dsn: MysqlDsn
  /** Only set if many callers share the connections: a single caller never has to wait for its turn. */
  readonly breaker: CircuitBreaker | undefined
  readonly #running = new Set<Running>()
  /** When the server last answered anything, by `monotonicMs`. */
  #answeredMs = Number.NEGATIVE_INFINITY
  #pool: Promise<Pool> | undefined
  /** The socket of the connection that the pool opened last. */
  #socket: Socket | undefined

  constructor(dsn: MysqlDsn, { shared = false }: { readonly shared?: boolean } = {}) {
    this.#dsn = dsn
    const probe = () => this.#tried(Deadline.after(PROBE_MS), query => query('SELECT 1'))
    this.breaker = shared ? new CircuitBreaker(CONNECTIONS_MAX, probe) : undefined
  }

  use<T>(deadline: Deadline, work: (query: Query) => Promise<T>): Promise<T> {
    return this.breaker
      ? this.breaker.pass(deadline, within => this.#tried(within, work))
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
        if (!again || deadline.passed) throw mysqlFault(error, this.#dsn.shown, this.#dsn.password !== '')
      }
    }
  }

  async close(): Promise<void> {
    this.breaker?.close()
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
   * On Dolt a failed write leaves the connection in a snapshot that its next read would still see, so roll
   * back before another call gets it. A statement that timed out may still be applied, so its connection
   * can't be reused.
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
    // The driver opens the socket before it returns, so a new socket belongs to this call.
    const socket = this.#socket as Socket | undefined
    let late = false
    connecting.then(connection => late && connection.destroy()).catch(() => {})
    try {
      return await running.race(connecting)
    } catch (error) {
      late = true
      // Abandoned attempts would fill the pool and delay the first call after an outage by 10 s.
      socket?.destroy()
      if (!this.#dsn.branch || !mayLackBranches(error)) throw error
      return this.#withoutBranch(running, error)
    }
  }

  /**
   * Connects by the database's bare name, for an engine whose greeting didn't show that it has no branches.
   * If that name doesn't exist either, the database itself is missing.
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

/**
 * One call that is running: what it waits for (a connection or a statement), and how its statement is ended
 * on the server if the call is given up.
 */
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

  /** @param hasAnswered tells whether the server answered an earlier statement of the same call */
  constructor(dsn: MysqlDsn, deadline: Deadline, hasAnswered: () => boolean) {
    this.#dsn = dsn
    this.#hasAnswered = hasAnswered
    this.deadline = deadline
    this.#overdue = new Overdue(dsn, deadline)
    this.#givenUp.promise.catch(() => {})
    this.#isOver = begins(this)
  }

  /** @throws PresenceError at the deadline; the running statement is then ended on the server */
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
    // The server lists running statements without surrounding blanks.
    const text = sql.trim()
    this.#inFlight = { threadId: connection.threadId, sql: text }
    try {
      return await send<T>(connection, text)
    } finally {
      this.#inFlight = undefined
    }
  }

  /** Called when the board is closed during the call. */
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
    // If the caller itself gave up, the server is not at fault, so it isn't reported as unreachable.
    const isAwaited = !this.#isGivenUp && !this.deadline.signal?.aborted
    const isThere = this.#overdue.isThere || this.#hasAnswered() || !isAwaited
    return isThere ? tooSlow(shown, this.deadline.ms) : unreachable(shown, 'no answer in time')
  }
}

/**
 * True for the errors of an engine without branches for `database/main`: unknown, or denied to an account
 * that has rights on its own database only.
 */
function mayLackBranches(error: unknown): boolean {
  const number = numberOf(error)
  return number === 1049 || number === 1044
}

async function openPool(dsn: MysqlDsn, onSocket: (socket: Socket) => void): Promise<Pool> {
  const { createPool } = await loadDriver()
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
    // No statement is prepared here, and the driver allocates this whole cache for each connection.
    maxPreparedStatements: 1,
  })
  // A server may start connections outside autocommit, where no write would persist. The driver sends this
  // statement first.
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
