import type { Deadline } from '../../deadline.ts'
import type { HistoryEvent } from '../../domain/history.ts'
import { columnsOfEvent } from '../columns.ts'
import { SqlHistory } from '../sql/history.ts'
import type { MysqlDatabase } from './database.ts'
import { BORN, recordSql } from './sql/history.ts'

/** The most events in one statement. */
const EVENTS_AT_ONCE = 100

export class MysqlHistory extends SqlHistory<MysqlDatabase> {
  #born: Date | undefined

  /** Many events in one statement, because each statement costs a round trip. */
  async record(events: readonly HistoryEvent[], deadline: Deadline): Promise<void> {
    const { database } = this
    const rows = events.map(event => ({
      ...columnsOfEvent(event),
      at: database.moment(event.at.getTime()),
    }))
    for (let from = 0; from < rows.length; from += EVENTS_AT_ONCE) {
      const sql = recordSql(rows.slice(from, from + EVENTS_AT_ONCE))
      await database.use(deadline, query => query(sql))
    }
  }

  /** Read once, because it costs a round trip. */
  protected async born(deadline: Deadline): Promise<Date> {
    if (!this.#born) {
      const [board] = await this.database.read<{ born: Date | null }>(BORN, {}, deadline)
      this.#born = board?.born ?? undefined
    }
    return this.#born ?? new Date(0)
  }
}
