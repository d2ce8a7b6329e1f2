import type { Deadline } from '../../deadline.ts'
import type { HistoryEvent } from '../../domain/history.ts'
import { columnsOfEvent } from '../columns.ts'
import { SqlHistory } from '../sql/history.ts'
import { run, type SqliteDatabase } from './database.ts'
import { BORN, RECORD } from './sql/history.ts'

export class SqliteHistory extends SqlHistory<SqliteDatabase> {
  /** In one transaction. */
  record(events: readonly HistoryEvent[], deadline: Deadline): Promise<void> {
    return this.database.writing(deadline, db => {
      for (const event of events) run(db, RECORD, { ...columnsOfEvent(event), at: event.at.getTime() })
    })
  }

  /** Read each time, because the file may have been replaced by another board. */
  protected async born(deadline: Deadline): Promise<Date> {
    const [board] = await this.database.read<{ born: number | null }>(BORN, {}, deadline)
    return new Date(board?.born ?? 0)
  }
}
