import type { RowDataPacket } from 'mysql2'
import type { MysqlDsn } from '../../config/dsn.ts'
import type { Deadline } from '../../deadline.ts'
import { type Snapshot, snapshotOf } from '../../domain/claim.ts'
import type { CircuitBreaker } from '../circuit-breaker.ts'
import type { Scope } from '../port/store.ts'
import { toClaim } from '../rows.ts'
import { SqlStore } from '../sql/store.ts'
import { MysqlDatabase } from './database.ts'
import { MysqlHistory } from './history.ts'
import { type ReadRow, readSql, rowsRead } from './sql/read.ts'
import { STATEMENTS } from './statements.ts'

/** The board on Dolt, on MariaDB, or on any engine that speaks MySQL's protocol. */
export class MysqlStore extends SqlStore<MysqlDatabase> {
  /** @param options `shared`: many callers use the store at once, through a circuit breaker */
  constructor(dsn: MysqlDsn, options: { readonly shared?: boolean } = {}) {
    const database = new MysqlDatabase(dsn, options)
    super(database, STATEMENTS, new MysqlHistory(database, STATEMENTS))
  }

  get breaker(): CircuitBreaker | undefined {
    return this.database.breaker
  }

  read(scope: Scope, sessionId: string, deadline: Deadline): Promise<Snapshot> {
    const { database } = this
    const { sql, values } = readSql(scope, sessionId)
    return database.use(deadline, async query => {
      const rows = await query<(ReadRow & RowDataPacket)[]>(database.fill(sql, values))
      const { versions, now, claims, live } = rowsRead(rows)
      await database.confirm({ versions }, query)
      const isAll = !('latest' in scope) || live === undefined || live <= scope.latest
      const whole = 'held' in scope ? scope.held : undefined
      return snapshotOf(now, claims.map(toClaim), { whole, live: isAll ? undefined : live })
    })
  }

  async now(deadline: Deadline): Promise<Date> {
    return (await this.database.header(deadline)).read_at
  }
}
