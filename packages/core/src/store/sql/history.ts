import type { Deadline } from '../../deadline.ts'
import { type HistoryEvent, SERVER_LABEL } from '../../domain/history.ts'
import { newKey } from '../../domain/write-key.ts'
import { columnsOfCall, columnsOfEvent } from '../columns.ts'
import type { EventFilter, EventsSince, History } from '../port/history.ts'
import type { Once } from '../port/once.ts'
import { type AnyEventRow, toEvent } from '../rows.ts'
import type { Database } from './database.ts'
import type { Statements } from './statements.ts'

/**
 * The history of claims. A dialect adds how it writes many events at once, and when its board was created.
 */
export abstract class SqlHistory<Of extends Database> implements History {
  protected readonly database: Of
  readonly #sql: Statements['history']
  readonly #outbox: Statements['outbox']

  constructor(database: Of, { history, outbox }: Pick<Statements, 'history' | 'outbox'>) {
    this.database = database
    this.#sql = history
    this.#outbox = outbox
  }

  abstract record(events: readonly HistoryEvent[], deadline: Deadline): Promise<void>

  protected abstract born(deadline: Deadline): Promise<Date>

  async log(filter: EventFilter, deadline: Deadline) {
    const { label, sessionId, seconds, rows } = filter
    const values = {
      seconds,
      rows,
      resource_label: label ?? null,
      session_id: sessionId ?? null,
      server_label: SERVER_LABEL,
      quoted: JSON.stringify(sessionId ?? ''),
    }
    const found = await this.database.readAt<AnyEventRow>(this.#sql.log(filter), values, deadline)
    return { events: found.rows.map(toEvent), asOf: found.asOf }
  }

  async since({ label, since, rows }: EventsSince, deadline: Deadline) {
    const born = await this.born(deadline)
    const values = { since: this.database.moment(since.getTime()), rows, resource_label: label ?? null }
    const found = await this.database.read<AnyEventRow>(this.#sql.since(label), values, deadline)
    return { events: found.map(toEvent), born }
  }

  async resolve(event: HistoryEvent, deadline: Deadline): Promise<void> {
    const values = { ...columnsOfEvent(event), as_of: this.database.moment(event.at.getTime()) }
    await this.database.transaction(this.#sql.resolve, values, deadline)
  }

  resolveOnce(event: HistoryEvent, once: Once, deadline: Deadline): Promise<boolean> {
    const values = { ...columnsOfEvent(event), as_of: this.database.moment(event.at.getTime()) }
    const noted = columnsOfCall(once.key, newKey(), once)
    return this.database.once(this.#outbox, this.#sql.resolve, { ...values, ...noted }, deadline)
  }

  async forget(sessionId: string, label: string | undefined, deadline: Deadline): Promise<void> {
    const { forget, forgetAll } = this.#sql
    const values = { session_id: sessionId, resource_label: label ?? null }
    await this.database.write(label === undefined ? forgetAll : forget, values, deadline)
  }
}
