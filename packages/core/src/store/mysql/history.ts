import type { Deadline } from '../../deadline.ts'
import type { HistoryEvent } from '../../domain/history.ts'
import { columnsOfEvent, toEvent } from '../columns.ts'
import type { EventFilter, EventsSince, History } from '../port.ts'
import type { EventRow } from '../tables/claims.ts'
import type { Database } from './database.ts'
import { BORN, historySql } from './sql/history.ts'
import { momentText } from './sql/terms.ts'

/** The most events in one statement. */
const EVENTS_AT_ONCE = 100

export class MysqlHistory implements History {
  readonly #database: Database
  #born: Date | undefined

  constructor(database: Database) {
    this.#database = database
  }

  async record(events: readonly HistoryEvent[], deadline: Deadline): Promise<void> {
    const rows = events.map(event => ({ ...columnsOfEvent(event), at: momentText(event.at) }))
    for (let from = 0; from < rows.length; from += EVENTS_AT_ONCE) {
      const some = rows.slice(from, from + EVENTS_AT_ONCE)
      await this.#database.write(() => historySql.record(some), {}, deadline)
    }
  }

  async log(filter: EventFilter, deadline: Deadline) {
    const { rows, asOf } = await this.#database.readAt<EventRow>(historySql.log(filter), deadline)
    return { events: rows.map(toEvent), asOf }
  }

  async since({ label, since, rows }: EventsSince, deadline: Deadline) {
    this.#born ??= (await this.#database.read<{ born: Date | null }>(BORN, deadline))[0]?.born ?? undefined
    const sql = historySql.since({ label, since: momentText(since), rows })
    const found = await this.#database.read<EventRow>(sql, deadline)
    return { events: found.map(toEvent), born: this.#born ?? new Date(0) }
  }

  resolve(event: HistoryEvent, deadline: Deadline): Promise<void> {
    const values = { ...columnsOfEvent(event), as_of: momentText(event.at) }
    return this.#database.transaction(historySql.resolve, values, deadline)
  }

  async forget(sessionId: string, label: string | undefined, deadline: Deadline): Promise<void> {
    const { forget, forgetAll } = historySql
    const values = { session_id: sessionId, resource_label: label ?? null }
    await this.#database.write(label === undefined ? forgetAll : forget, values, deadline)
  }
}
