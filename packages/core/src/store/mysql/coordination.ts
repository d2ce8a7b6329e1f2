import type { Deadline } from '../../deadline.ts'
import type { Engine, Terms, Values } from '../coordination/engine.ts'
import type { Database } from './database.ts'
import { fill } from './literal.ts'
import {
  AT_SCHEMA,
  after,
  FROM_BOARD,
  HEADER_COLUMNS,
  momentText,
  NOW,
  SCHEMA,
  statement,
  THEN,
} from './sql/terms.ts'

export const TERMS: Terms = {
  now: NOW,
  ago: seconds => after(-seconds),
  saidThen: THEN,
  time: column => column,
  insertIgnore: 'INSERT IGNORE',
  onBoard: FROM_BOARD,
  atSchema: AT_SCHEMA,
  header: HEADER_COLUMNS,
  deleteSome: (table, where) => `DELETE FROM ${table} WHERE ${where} LIMIT :rows`,
}

export class MysqlEngine implements Engine {
  readonly terms = TERMS
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async write(sql: string, values: Values, deadline: Deadline): Promise<number> {
    const affected = await this.#database.write(statement(sql), values, deadline)
    if (affected === 0) await this.#database.header(deadline)
    return affected
  }

  async transaction(sql: readonly string[], values: Values, deadline: Deadline): Promise<void> {
    await this.#database.transaction(sql.map(statement), values, deadline)
  }

  readAt<Row extends object>(sql: string, values: Values, deadline: Deadline) {
    return this.#database.readAt<Row>(fill(sql, { ...values, ...SCHEMA }), deadline)
  }

  moment(ms: number): string {
    return momentText(new Date(ms))
  }
}
