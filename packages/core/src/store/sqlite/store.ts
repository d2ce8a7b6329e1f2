import type { Deadline } from '../../deadline.ts'
import { type Snapshot, snapshotOf } from '../../domain/claim.ts'
import type { Scope } from '../port/store.ts'
import { type AnyRow, toClaim } from '../rows.ts'
import { SqlStore } from '../sql/store.ts'
import { SqliteDatabase } from './database.ts'
import { SqliteHistory } from './history.ts'
import { COUNT_LIVE, readSql } from './sql/read.ts'
import { NOW } from './sql/terms.ts'
import { STATEMENTS } from './statements.ts'

/** The board in a file, without a server or any setup. */
export class SqliteStore extends SqlStore<SqliteDatabase> {
  /** @param options `isPrivate` if only this user and root can write to the file and its folder */
  constructor(file: string, options: { readonly isPrivate: boolean }) {
    const database = new SqliteDatabase(file, options)
    super(database, STATEMENTS, new SqliteHistory(database, STATEMENTS))
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
}
