import type { Deadline } from '../../deadline.ts'
import { type Snapshot, snapshotOf } from '../../domain/claim.ts'
import { type AnyRow, toClaim } from '../columns.ts'
import type { Scope } from '../port.ts'
import type { Values } from '../sql/database.ts'
import { SqlStore } from '../sql/store.ts'
import { run, SqliteDatabase } from './database.ts'
import { SqliteHistory } from './history.ts'
import { COUNT_LIVE, readSql } from './sql/read.ts'
import { NOW } from './sql/terms.ts'
import { STATEMENTS } from './statements.ts'

/** The board in a file, without a server or any setup. */
export class SqliteStore extends SqlStore<SqliteDatabase> {
  constructor(file: string) {
    const database = new SqliteDatabase(file)
    super(database, STATEMENTS, new SqliteHistory(database, STATEMENTS.history))
  }

  async read(scope: Scope, sessionId: string, deadline: Deadline): Promise<Snapshot> {
    const { sql, values } = readSql(scope, sessionId)
    const { rows, asOf } = await this.database.readAt<AnyRow>(sql, values, deadline)
    const whole = 'held' in scope ? scope.held : undefined
    const live = 'latest' in scope ? await this.#liveBeyond(scope.latest, deadline) : undefined
    return snapshotOf(asOf, rows.map(toClaim), { whole, live })
  }

  /** The number of live claims, if it is larger than this. */
  async #liveBeyond(latest: number, deadline: Deadline): Promise<number | undefined> {
    const [count] = await this.database.read<{ live: number }>(COUNT_LIVE, {}, deadline)
    return count && count.live > latest ? count.live : undefined
  }

  async now(deadline: Deadline): Promise<Date> {
    const [row] = await this.database.read<{ now: number }>(`SELECT ${NOW} AS now`, {}, deadline)
    if (!row) throw new TypeError('a SELECT without FROM gave no row')
    return new Date(row.now)
  }

  protected applyOnce(
    id: string,
    statements: readonly string[],
    values: Values,
    deadline: Deadline,
  ): Promise<boolean> {
    return this.database.writing(deadline, db => {
      const isNew = run(db, STATEMENTS.outbox.note, { operation_id: id }) === 1
      if (isNew) for (const sql of statements) run(db, sql, values)
      return isNew
    })
  }
}
