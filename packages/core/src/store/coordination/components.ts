import type { Deadline } from '../../deadline.ts'
import type { Component, PastState } from '../../domain/component.ts'
import type { Position } from '../../domain/page.ts'
import type { Components, NewState, Read } from '../port/coordination.ts'
import type { Database, Values } from '../sql/database.ts'
import { type AnyComponentRow, type AnyHistoryRow, toComponent, toPastState } from './rows.ts'
import type { Terms } from './terms.ts'

const COLUMNS = ['project_key', 'component', 'state', 'version', 'notes', 'updated_by']
const VALUES = COLUMNS.map(column => `:${column}`).join(', ')
const NAMED = 'project_key = :project_key AND component = :component'
const MINE = `SELECT 1 FROM presence_component_history AS mine WHERE mine.id = :id AND mine.${NAMED.replace(' AND ', ' AND mine.')}`

/**
 * The statements that set a component's state, for one transaction. The component shows the latest row of its
 * history, even if the rows were written in another order: a state that was set earlier but arrives later, or
 * arrives twice, doesn't change the component.
 *
 * @param at SQL for the time of the change
 */
export const setSql = ({ insertIgnore, onBoard, atSchema }: Terms, at: string): readonly string[] => [
  `${insertIgnore} INTO presence_component_history (id, ${COLUMNS.join(', ')}, updated_at)
   SELECT :id, ${VALUES}, ${at} ${onBoard}`,
  `${insertIgnore} INTO presence_components (${COLUMNS.join(', ')}, updated_at, change_id)
   SELECT ${COLUMNS.join(', ')}, updated_at, id FROM presence_component_history WHERE id = :id AND ${atSchema}`,
  `UPDATE presence_components SET state = :state, version = :version, notes = :notes, updated_by = :updated_by,
     change_id = :id, updated_at = (SELECT updated_at FROM presence_component_history WHERE id = :id)
   WHERE ${NAMED} AND ${atSchema} AND EXISTS (${MINE} AND (mine.updated_at > presence_components.updated_at
     OR (mine.updated_at = presence_components.updated_at AND mine.id > presence_components.change_id)))`,
]

export function columnsOfState({ id, project, component, state, version, notes, updatedBy }: NewState) {
  return {
    id,
    project_key: project,
    component,
    state,
    version: version ?? null,
    notes: notes ?? null,
    updated_by: updatedBy,
  }
}

export class SqlComponents implements Components {
  readonly #database: Database
  readonly #terms: Terms

  constructor(database: Database, terms: Terms) {
    this.#database = database
    this.#terms = terms
  }

  async set(state: NewState, deadline: Deadline): Promise<void> {
    const terms = this.#terms
    // `nowAfter` makes each time later than the last one. With equal times the id would decide which state the
    // component shows, and after a clock was set back the component would not change.
    const at = terms.nowAfter(`(SELECT updated_at FROM presence_components WHERE ${NAMED})`)
    await this.#database.transaction(setSql(terms, at), columnsOfState(state), deadline)
  }

  async find(project: string, component: string, deadline: Deadline): Promise<Component | undefined> {
    const values = { project_key: project, component }
    return (await this.#current(`WHERE ${NAMED}`, values, deadline)).rows[0]
  }

  async said(id: string, deadline: Deadline): Promise<PastState | undefined> {
    const sql = `SELECT id, ${this.#columns()}, ${this.#terms.header} FROM presence_component_history
      WHERE id = :id`
    const { rows } = await this.#database.readAt<AnyHistoryRow>(sql, { id }, deadline)
    return rows[0] && toPastState(rows[0])
  }

  list(
    { project, rows, after }: Parameters<Components['list']>[0],
    deadline: Deadline,
  ): Promise<Read<Component>> {
    const at = after?.indexOf('~') ?? -1
    const where = [
      '1 = 1',
      ...(project === undefined ? [] : ['project_key = :project_key']),
      ...(after === undefined
        ? []
        : ['(project_key > :after_project OR (project_key = :after_project AND component > :after))']),
    ].join(' AND ')
    const values = {
      rows,
      ...(project === undefined ? {} : { project_key: project }),
      ...(after === undefined ? {} : { after_project: after.slice(0, at), after: after.slice(at + 1) }),
    }
    return this.#current(`WHERE ${where} ORDER BY project_key, component LIMIT :rows`, values, deadline)
  }

  latest(project: string | undefined, rows: number, deadline: Deadline): Promise<Read<Component>> {
    const where = project === undefined ? '' : 'WHERE project_key = :project_key'
    const values = { rows, ...(project === undefined ? {} : { project_key: project }) }
    const order = 'ORDER BY updated_at DESC, project_key, component LIMIT :rows'
    return this.#current(`${where} ${order}`, values, deadline)
  }

  async history(
    { project, component, rows, before }: Parameters<Components['history']>[0],
    deadline: Deadline,
  ): Promise<Read<PastState>> {
    const terms = this.#terms
    const [[updatedAt = 0] = [], id = ''] = (before ?? []) as Partial<Position>
    const earlier = before ? 'AND (updated_at < :before OR (updated_at = :before AND id < :before_id))' : ''
    const sql = `SELECT id, ${this.#columns()}, ${terms.header} FROM presence_component_history
      WHERE ${NAMED} ${earlier} ORDER BY updated_at DESC, id DESC LIMIT :rows`
    const values = {
      project_key: project,
      component,
      rows,
      ...(before ? { before: this.#database.moment(updatedAt), before_id: id } : {}),
    }
    const read = await this.#database.readAt<AnyHistoryRow>(sql, values, deadline)
    return { rows: read.rows.map(toPastState), asOf: read.asOf }
  }

  #columns(): string {
    return `${COLUMNS.join(', ')}, ${this.#terms.time('updated_at')} AS updated_at`
  }

  async #current(rest: string, values: Values, deadline: Deadline): Promise<Read<Component>> {
    const sql = `SELECT ${this.#columns()}, ${this.#terms.header} FROM presence_components ${rest}`
    const { rows, asOf } = await this.#database.readAt<AnyComponentRow>(sql, values, deadline)
    return { rows: rows.map(toComponent), asOf }
  }
}
