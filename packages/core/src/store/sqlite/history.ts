import type { Deadline } from '../../deadline.ts'
import type { HistoryEvent } from '../../domain/history.ts'
import { columnsOfEvent, toEvent } from '../columns.ts'
import type { EventFilter, EventsSince, History } from '../port.ts'
import type { EventRow } from '../tables/claims.ts'
import type { Database } from './database.ts'
import { BORN, FORGET_ENDED, LOG, RECORD, RESOLVE, SINCE } from './sql/history.ts'

export class SqliteHistory implements History {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  record(events: readonly HistoryEvent[], deadline: Deadline): Promise<void> {
    return this.#database.writing(deadline, db => {
      const statement = db.prepare(RECORD)
      for (const event of events) statement.run({ ...columnsOfEvent(event), at: event.at.getTime() })
    })
  }

  async log({ label, sessionId, seconds, rows }: EventFilter, deadline: Deadline) {
    const values = {
      seconds,
      rows,
      resource_label: label ?? null,
      session_id: sessionId ?? null,
      quoted: JSON.stringify(sessionId ?? ''),
    }
    const { rows: found, asOf } = await this.#database.readAt<EventRow>(LOG, values, deadline)
    return { events: found.map(toEvent), asOf }
  }

  async since({ label, since, rows }: EventsSince, deadline: Deadline) {
    const [board] = await this.#database.read<{ born: number | null }>(BORN, {}, deadline)
    const values = { since: since.getTime(), rows, resource_label: label ?? null }
    const found = await this.#database.read<EventRow>(SINCE, values, deadline)
    return { events: found.map(toEvent), born: new Date(board?.born ?? 0) }
  }

  resolve(event: HistoryEvent, deadline: Deadline): Promise<void> {
    const values = { ...columnsOfEvent(event), at: event.at.getTime() }
    return this.#database.transaction(RESOLVE, values, deadline)
  }

  async forget(sessionId: string, label: string | undefined, deadline: Deadline): Promise<void> {
    const values = { session_id: sessionId, resource_label: label ?? null }
    await this.#database.write(FORGET_ENDED, values, deadline)
  }
}
