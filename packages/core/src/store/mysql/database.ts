import type { ResultSetHeader, RowDataPacket } from 'mysql2'
import type { MysqlDsn } from '../../config/dsn.ts'
import type { Deadline } from '../../deadline.ts'
import type { CircuitBreaker } from '../circuit-breaker.ts'
import type { Database, ReadAt, Values } from '../sql/database.ts'
import { unusable } from '../versions.ts'
import { Connections, type Query } from './connections.ts'
import { interrupted } from './faults.ts'
import { fill } from './literal.ts'
import { HEADER, momentText, SCHEMA } from './sql/terms.ts'

export interface Header {
  readonly read_at: Date
  /**
   * The board's version and the oldest client that may use it, such as `7 6`; null if no step is recorded.
   */
  readonly versions: string | null
}

/**
 * A server's database. Every statement checks the board's schema. A single write runs in autocommit. A
 * transaction takes one round trip per statement, plus two.
 */
export class MysqlDatabase implements Database {
  readonly #connections: Connections
  readonly #shown: string

  constructor(dsn: MysqlDsn, options: { readonly shared?: boolean } = {}) {
    this.#connections = new Connections(dsn, options)
    this.#shown = dsn.shown
  }

  get breaker(): CircuitBreaker | undefined {
    return this.#connections.breaker
  }

  write(sql: string, values: Values, deadline: Deadline): Promise<number> {
    const filled = this.fill(sql, values)
    return this.#connections.use(deadline, async query => (await query<ResultSetHeader>(filled)).affectedRows)
  }

  async writeChecked(sql: string, values: Values, deadline: Deadline): Promise<number> {
    const affected = await this.write(sql, values, deadline)
    if (affected === 0) await this.header(deadline)
    return affected
  }

  transaction(
    statements: readonly string[],
    values: Values,
    deadline: Deadline,
    orNothing = false,
  ): Promise<number> {
    return this.#connections.use(deadline, async query => {
      let affected = 0
      await query('BEGIN')
      for (const sql of statements)
        affected = (await query<ResultSetHeader>(this.fill(sql, values))).affectedRows
      await query(orNothing && affected === 0 ? 'ROLLBACK' : 'COMMIT')
      return affected
    })
  }

  once(
    { note, noted }: Parameters<Database['once']>[0],
    statements: readonly string[],
    values: Values & { readonly attempt: string },
    deadline: Deadline,
  ): Promise<boolean> {
    return this.#connections.use(deadline, async query => {
      await query('BEGIN')
      let isMine = (await query<ResultSetHeader>(this.fill(note, values))).affectedRows === 1
      if (isMine) for (const sql of statements) await query(this.fill(sql, values))
      // Nothing was recorded. Either it was recorded before, or the board has another schema, for which this
      // throws.
      else {
        this.checkSchema(await this.headerOf(query))
        const [row] = await query<({ readonly attempt: string | null } & RowDataPacket)[]>(
          this.fill(noted, values),
        )
        if (!row) throw interrupted()
        // The answer to an earlier COMMIT of this attempt was lost.
        isMine = row.attempt === values.attempt
      }
      await query('COMMIT')
      return isMine
    })
  }

  read<Row extends object>(sql: string, values: Values, deadline: Deadline): Promise<readonly Row[]> {
    return this.#connections.use(deadline, async query => {
      const rows = await query<(Row & Header & RowDataPacket)[]>(this.fill(sql, values))
      if (rows[0]) await this.confirm(rows[0], query)
      return rows
    })
  }

  readAt<Row extends object>(sql: string, values: Values, deadline: Deadline): Promise<ReadAt<Row>> {
    return this.#connections.use(deadline, async query => {
      const rows = await query<(Row & Header & RowDataPacket)[]>(this.fill(sql, values))
      const header = rows[0] ?? (await this.headerOf(query))
      await this.confirm(header, query)
      return { rows, asOf: header.read_at }
    })
  }

  moment(ms: number): string {
    return momentText(ms)
  }

  /** A statement with its values, and with this client's version, which it compares with the board's. */
  fill(sql: string, values: Values): string {
    return fill(sql, { ...values, ...SCHEMA })
  }

  /** Runs the work on one connection. After a write conflict, or on a stale connection, it runs again. */
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
   * Checks the schema that an answer states. MariaDB (10.11) gives NULL for a subquery of a query that is
   * killed at that moment, without an error: then the answer may lack rows too, and the statement is made
   * again.
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
