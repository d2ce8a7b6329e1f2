import type { ResultSetHeader, RowDataPacket } from 'mysql2'
import type { MysqlDsn } from '../../config/dsn.ts'
import type { Deadline } from '../../deadline.ts'
import type { CircuitBreaker } from '../circuit-breaker.ts'
import { unusable } from '../versions.ts'
import { Connections, type Query } from './connections.ts'
import { interrupted } from './faults.ts'
import { HEADER, SCHEMA, type Values } from './sql/terms.ts'

export interface Header {
  readonly read_at: Date
  /**
   * The board's version and the oldest client that may use it, such as `7 6`; null if no step is recorded.
   */
  readonly versions: string | null
}

type Statement = (values: Values) => string

/** A server's database. Every statement checks the board's schema. */
export class Database {
  readonly #connections: Connections
  readonly #shown: string

  constructor(dsn: MysqlDsn, options: { readonly shared?: boolean } = {}) {
    this.#connections = new Connections(dsn, options)
    this.#shown = dsn.shown
  }

  get breaker(): CircuitBreaker | undefined {
    return this.#connections.breaker
  }

  /** @returns the number of affected rows */
  write(statement: Statement, values: Values, deadline: Deadline): Promise<number> {
    const sql = statement({ ...values, ...SCHEMA })
    return this.#connections.use(deadline, async query => (await query<ResultSetHeader>(sql)).affectedRows)
  }

  /**
   * Runs a statement that always affects a row, except on a board with another schema. @throws PresenceError
   * that names the schema's problem
   */
  async writeOne(statement: Statement, values: Values, deadline: Deadline): Promise<void> {
    if ((await this.write(statement, values, deadline)) === 0) await this.header(deadline)
  }

  /** Runs statements so that all of them take effect, or none. */
  transaction(statements: readonly Statement[], values: Values, deadline: Deadline): Promise<void> {
    return this.#connections.use(deadline, async query => {
      await query('BEGIN')
      for (const statement of statements) await query(statement({ ...values, ...SCHEMA }))
      await query('COMMIT')
    })
  }

  read<Row extends object>(sql: string, deadline: Deadline): Promise<readonly (Row & Header)[]> {
    return this.#connections.use(deadline, async query => {
      const rows = await query<(Row & Header & RowDataPacket)[]>(sql)
      if (rows[0]) await this.confirm(rows[0], query)
      return rows
    })
  }

  /** Reads rows together with the database's current time, even if there are no rows. */
  readAt<Row extends object>(
    sql: string,
    deadline: Deadline,
  ): Promise<{ readonly rows: readonly Row[]; readonly asOf: Date }> {
    return this.#connections.use(deadline, async query => {
      const rows = await query<(Row & Header & RowDataPacket)[]>(sql)
      const header = rows[0] ?? (await this.headerOf(query))
      await this.confirm(header, query)
      return { rows, asOf: header.read_at }
    })
  }

  use<T>(deadline: Deadline, work: (query: Query) => Promise<T>): Promise<T> {
    return this.#connections.use(deadline, work)
  }

  async header(deadline: Deadline): Promise<Header> {
    return this.#connections.use(deadline, async query => {
      const header = await this.headerOf(query)
      await this.confirm(header, query)
      return header
    })
  }

  /**
   * Checks the schema that an answer states. MariaDB (10.11) gives NULL for a subquery of a query that is killed
   * at that moment, without an error: then the answer may lack rows too, and the statement is made again.
   *
   * @throws PresenceError if the board has no schema, or one that this client may not use
   */
  async confirm(header: Pick<Header, 'versions'>, query: Query): Promise<void> {
    if (header.versions === null && (await this.headerOf(query)).versions !== null) throw interrupted()
    this.checkSchema(header)
  }

  async headerOf(query: Query): Promise<Header> {
    const [header] = await query<(RowDataPacket & Header)[]>(HEADER)
    if (!header) throw new TypeError('a SELECT without FROM rows gave none')
    return header
  }

  close(): Promise<void> {
    return this.#connections.close()
  }

  /** @throws PresenceError if the board has no schema, or one that this client may not use */
  checkSchema({ versions }: Pick<Header, 'versions'>): void {
    const [version = -1, oldestClient = -1] = versions === null ? [] : versions.split(' ').map(Number)
    const board = `the board at ${this.#shown}`
    const fault = unusable(board, { version, oldestClient }, SCHEMA.schema_version)
    if (fault) throw fault
  }
}
