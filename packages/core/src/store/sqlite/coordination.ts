import type { Deadline } from '../../deadline.ts'
import type { Engine, Terms, Values } from '../coordination/engine.ts'
import type { Database, ReadAt } from './database.ts'
import { NOW, THEN, TIME_MAX } from './sql/terms.ts'

/**
 * Statements don't check the schema: opening the file checks it, and every write checks that it is still the
 * same.
 */
export const TERMS: Terms = {
  now: NOW,
  ago: seconds => `${NOW} - ${seconds * 1000}`,
  saidThen: THEN,
  time: column => `MIN(${column}, ${TIME_MAX})`,
  insertIgnore: 'INSERT OR IGNORE',
  onBoard: 'WHERE 1 = 1',
  atSchema: '1 = 1',
  header: `${NOW} AS read_at`,
  deleteSome: (table, where) =>
    `DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE ${where} LIMIT :rows)`,
}

export class SqliteEngine implements Engine {
  readonly terms = TERMS
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  write(sql: string, values: Values, deadline: Deadline): Promise<number> {
    return this.#database.write(sql, values, deadline)
  }

  transaction(sql: readonly string[], values: Values, deadline: Deadline): Promise<void> {
    return this.#database.transaction(sql, values, deadline)
  }

  readAt<Row extends object>(sql: string, values: Values, deadline: Deadline): Promise<ReadAt<Row>> {
    return this.#database.readAt<Row>(sql, values, deadline)
  }

  moment(ms: number): number {
    return ms
  }
}
