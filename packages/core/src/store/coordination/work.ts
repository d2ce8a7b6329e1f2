import type { Deadline } from '../../deadline.ts'
import { ITEM_STATUSES, type Workflow, type WorkItem } from '../../domain/work.ts'
import { CALL_COLUMNS, callValues, columnsOfCall } from '../columns.ts'
import { listOf } from '../list-of.ts'
import type { Read, Revised, Unsaved, Work, WorkFilter, WorkItems } from '../port/coordination.ts'
import type { Once } from '../port/once.ts'
import type { Database, Values } from '../sql/database.ts'
import { type AnyItemRow, type AnyWorkflowRow, toItem, toWorkflow } from './rows.ts'
import type { Terms } from './terms.ts'

/** How a table of workflows or items is written and read. */
interface Table<New, Row, Stored> {
  readonly name: string
  /** Columns that are set at creation and never changed. */
  readonly fixed: readonly string[]
  readonly changing: readonly string[]
  readonly order: string
  /** The condition for rows after the last row of a page. */
  readonly after: string
  readonly columnsOf: (row: New) => Values
  readonly toRow: (stored: Stored) => Row
}

interface Kept {
  readonly id: string
  readonly status: string
}

const WORKFLOWS: Table<Unsaved<Workflow>, Workflow, AnyWorkflowRow> = {
  name: 'presence_workflows',
  fixed: ['id', 'project_key', 'created_by'],
  changing: ['name', 'description', 'status', 'moved_by'],
  order: 'created_at DESC, id DESC',
  after: '(created_at < :at OR (created_at = :at AND id < :id))',
  columnsOf: row => ({
    id: row.id,
    project_key: row.project,
    created_by: row.createdBy,
    name: row.name,
    description: row.description ?? null,
    status: row.status,
    moved_by: row.movedBy,
  }),
  toRow: toWorkflow,
}

const ITEMS: Table<Unsaved<WorkItem>, WorkItem, AnyItemRow> = {
  name: 'presence_work_items',
  fixed: ['id', 'workflow_id', 'project_key', 'created_by'],
  changing: ['title', 'description', 'status', 'moved_by', 'priority', 'assigned_to'],
  order: 'priority DESC, created_at, id',
  after: `(priority < :priority OR (priority = :priority
    AND (created_at > :at OR (created_at = :at AND id > :id))))`,
  columnsOf: row => ({
    id: row.id,
    workflow_id: row.workflowId ?? null,
    project_key: row.project,
    created_by: row.createdBy,
    title: row.title,
    description: row.description ?? null,
    status: row.status,
    moved_by: row.movedBy,
    priority: row.priority,
    assigned_to: row.assignedTo ?? null,
  }),
  toRow: toItem,
}

class SqlWork<New, Row extends New & Kept, Stored extends { readonly revision: string | number | null }> {
  protected readonly database: Database
  protected readonly terms: Terms
  readonly #table: Table<New, Row, Stored>

  constructor(database: Database, terms: Terms, table: Table<New, Row, Stored>) {
    this.database = database
    this.terms = terms
    this.#table = table
  }

  async add(row: New, deadline: Deadline): Promise<void> {
    const { insertIgnore, now, onBoard } = this.terms
    const { name, fixed, changing, columnsOf } = this.#table
    const columns = [...fixed, ...changing]
    const sql = `${insertIgnore} INTO ${name} (${columns.join(', ')}, created_at, updated_at, revision)
      SELECT ${columns.map(column => `:${column}`).join(', ')}, ${now}, ${now}, :id ${onBoard}`
    await this.database.writeChecked(sql, columnsOf(row), deadline)
  }

  async find(id: string, deadline: Deadline): Promise<Revised<Row> | undefined> {
    const { rows } = await this.#read('WHERE id = :id', { id }, deadline)
    const [stored] = rows
    return stored && { row: this.#table.toRow(stored), revision: String(stored.revision) }
  }

  async list(filter: WorkFilter, deadline: Deadline): Promise<Read<Row>> {
    const { project, statuses, workflowId, assignedTo, rows, after } = filter
    const list = statuses && listOf('status', statuses)
    const where = [
      '1 = 1',
      ...(project === undefined ? [] : ['project_key = :project_key']),
      ...(list ? [`status IN (${list.sql})`] : []),
      ...(workflowId === undefined ? [] : ['workflow_id = :workflow_id']),
      ...(assignedTo === undefined ? [] : ['assigned_to = :assigned_to']),
      ...(after ? [this.#table.after] : []),
    ].join(' AND ')
    const values = {
      rows,
      ...(project === undefined ? {} : { project_key: project }),
      ...list?.values,
      ...(workflowId === undefined ? {} : { workflow_id: workflowId }),
      ...(assignedTo === undefined ? {} : { assigned_to: assignedTo }),
      ...(after ? this.#place(after) : {}),
    }
    const read = await this.#read(
      `WHERE ${where} ORDER BY ${this.#table.order} LIMIT :rows`,
      values,
      deadline,
    )
    return { rows: read.rows.map(this.#table.toRow), asOf: read.asOf }
  }

  async change(
    row: Row,
    was: Revised<Row>,
    revision: string,
    deadline: Deadline,
    once?: Once,
  ): Promise<boolean> {
    const { now, atSchema, insertIgnore } = this.terms
    const { name, changing, columnsOf } = this.#table
    const set = changing.map(column => `${column} = :${column}`)
    const unchanged = `id = :id AND status = :was AND revision = :seen AND ${atSchema}`
    const update = (at: string) =>
      `UPDATE ${name} SET ${set.join(', ')}, updated_at = ${at}, revision = :revision WHERE ${unchanged}`
    const all = columnsOf(row)
    const values = Object.fromEntries(['id', ...changing].map(column => [column, all[column] ?? null]))
    const seen = { was: was.row.status, seen: was.revision, revision }
    if (!once) return (await this.database.writeChecked(update(now), { ...values, ...seen }, deadline)) > 0
    const note = `${insertIgnore} INTO presence_replays (${CALL_COLUMNS})
      SELECT ${callValues(now)} FROM ${name} WHERE ${unchanged}`
    // The change gets the time of the note, because later attempts are told that time. If this attempt's
    // note was not inserted, the change isn't made.
    const ownNote = 'FROM presence_replays WHERE operation_id = :operation_id AND attempt = :attempt'
    const sql = `${update(`(SELECT replayed_at ${ownNote})`)} AND EXISTS (SELECT 1 ${ownNote})`
    const noted = columnsOfCall(once.key, revision, once)
    return (await this.database.transaction([note, sql], { ...values, ...seen, ...noted }, deadline)) > 0
  }

  /**
   * Turns a position into values. The last number is the creation time in milliseconds since 1970; a number
   * before it is the priority.
   */
  #place([numbers, id]: NonNullable<WorkFilter['after']>): Values {
    const [at = 0, priority] = numbers.toReversed()
    return { at: this.database.moment(at), id, ...(priority === undefined ? {} : { priority }) }
  }

  #read(rest: string, values: Values, deadline: Deadline) {
    const { time, header } = this.terms
    const { name, fixed, changing } = this.#table
    const times = ['created_at', 'updated_at'].map(column => `${time(column)} AS ${column}`)
    const columns = [...fixed, ...changing, 'revision', ...times].join(', ')
    return this.database.readAt<Stored>(`SELECT ${columns}, ${header} FROM ${name} ${rest}`, values, deadline)
  }
}

export class SqlWorkflows
  extends SqlWork<Unsaved<Workflow>, Workflow, AnyWorkflowRow>
  implements Work<Workflow>
{
  constructor(database: Database, terms: Terms) {
    super(database, terms, WORKFLOWS)
  }
}

export class SqlItems extends SqlWork<Unsaved<WorkItem>, WorkItem, AnyItemRow> implements WorkItems {
  constructor(database: Database, terms: Terms) {
    super(database, terms, ITEMS)
  }

  async counts(workflowIds: readonly string[], deadline: Deadline) {
    if (workflowIds.length === 0) return []
    const list = listOf('id', workflowIds)
    const { header } = this.terms
    const sql = `SELECT workflow_id, status, count, ${header} FROM (
        SELECT workflow_id, status, COUNT(*) AS count FROM presence_work_items
        WHERE workflow_id IN (${list.sql}) GROUP BY workflow_id, status) AS counted`
    type Counted = { workflow_id: string; status: string; count: number | string }
    const { rows } = await this.database.readAt<Counted>(sql, list.values, deadline)
    return rows.flatMap(({ workflow_id: workflowId, status, count }) => {
      const known = ITEM_STATUSES.find(each => each === status)
      return known ? [{ workflowId, status: known, count: Number(count) }] : []
    })
  }
}
