import type { CallContext } from '../claims/context.ts'
import { idTaken, parseId } from '../domain/id.ts'
import { type Page, parseCursor, parseLimit } from '../domain/page.ts'
import { parseProject } from '../domain/project.ts'
import { accept, type Checked, type Outcome } from '../domain/refusal.ts'
import {
  parseDescription,
  parseStatus,
  parseTitle,
  WORKFLOW_COURSE,
  type Workflow,
  type WorkflowStatus,
} from '../domain/work.ts'
import type { Unsaved } from '../store/port/coordination.ts'
import { checkedStatuses, isAdded, optional } from './checks.ts'
import { coordinationOf, pageOf } from './context.ts'
import { change, notFound } from './work.ts'

/** The options of {@link WorkflowGroup.add}. */
export interface AddWorkflowOptions {
  /**
   * The project's key: lower-case letters, digits, `.`, `_` and `-`, at most 64. Refused with
   * `invalid_project`.
   */
  readonly project: string
  /** One line, at most 255 characters. Refused with `invalid_work`. */
  readonly name: string
  /**
   * At most 4,000 characters. Refused with `invalid_work`.
   * @default none
   */
  readonly description?: string
  /**
   * One of {@link WORKFLOW_STATUSES}. Refused with `invalid_work`.
   * @default `planning`
   */
  readonly status?: string
  /**
   * Identifies the workflow: adding it twice with the same id adds it once. At most 64 letters, digits, `-`,
   * `_` and `.`. Refused with `invalid_id`, or with `id_taken` if something else has the id.
   * @default a random UUID
   */
  readonly id?: string
}

/** The options of {@link WorkflowGroup.list}. */
export interface ListWorkflowsOptions {
  /**
   * Only those of this project. Refused with `invalid_project`.
   * @default all projects
   */
  readonly project?: string
  /**
   * Only workflows with one of these statuses: see {@link WORKFLOW_STATUSES}. Refused with `invalid_work`.
   * @default all
   */
  readonly statuses?: readonly string[]
  /**
   * The number of rows per page, at most 500.
   * @default 50
   */
  readonly limit?: number
  /**
   * The `next` of the previous page. Refused with `invalid_cursor`.
   * @default the first page
   */
  readonly after?: string
}

/** The options of {@link WorkflowGroup.set}. Fields that are not given stay unchanged. */
export interface SetWorkflowOptions {
  /** The id of the workflow. */
  readonly id: string
  /**
   * The new status: see {@link WORKFLOW_STATUSES}.
   * @default unchanged
   */
  readonly status?: string
  /**
   * The new name.
   * @default unchanged
   */
  readonly name?: string
  /**
   * The new description. An empty text removes it.
   * @default unchanged
   */
  readonly description?: string
  /**
   * Allows a new status although the workflow has ended.
   * @default false
   */
  readonly reopen?: boolean
}

/** Work with several steps that lasts longer than a session. */
export interface WorkflowGroup {
  /**
   * Adds a workflow. Refused with `invalid_project`, `invalid_work`, `invalid_id` or `id_taken`.
   *
   * @example
   * ```ts
   * const said = await board.workflows.add({ project: 'shop', name: 'move to the new cluster' })
   * if (said.ok) await board.items.add({ workflow: said.workflow.id, title: 'move the database' })
   * ```
   */
  add(options: AddWorkflowOptions): Promise<Outcome<{ readonly workflow: Workflow }>>
  /**
   * Lists workflows, the latest created first. Refused with `invalid_project`, `invalid_work` or
   * `invalid_cursor`.
   *
   * @example
   * ```ts
   * const said = await board.workflows.list({ statuses: ['active', 'blocked'] })
   * if (said.ok) for (const { name, status } of said.rows) console.log(name, status)
   * ```
   */
  list(options?: ListWorkflowsOptions): Promise<Outcome<Page<Workflow>>>
  /**
   * Returns one workflow. Refused with `invalid_id`, or with `not_found` if there is none with this id. An
   * ended workflow is kept for 90 days.
   */
  get(id: string): Promise<Outcome<{ readonly workflow: Workflow }>>
  /**
   * Changes the given fields. Refused with `not_moved` if its status doesn't allow the new one, or if another
   * session made that change already. Other refusals: `invalid_id`, `invalid_work`, `not_found`.
   *
   * @throws {@link PresenceError} `busy` if others keep changing it
   *
   * @example
   * ```ts
   * const said = await board.workflows.set({ id: 'move', status: 'completed' })
   * if (!said.ok && said.refusal.code === 'not_moved') console.log(`possible: ${said.refusal.allowed}`)
   * ```
   */
  set(options: SetWorkflowOptions): Promise<Outcome<{ readonly workflow: Workflow }>>
}

const KIND = { name: 'workflow', course: WORKFLOW_COURSE }
const LASTING = ['project', 'name', 'createdBy'] as const

export async function addWorkflow(
  context: CallContext,
  options: AddWorkflowOptions,
): Promise<Outcome<{ readonly workflow: Workflow }>> {
  const checked = checkedNew(context, options)
  if (!checked.ok) return checked
  const { workflows } = await coordinationOf(context)
  const until = context.deadline()
  await workflows.add(checked.value, until)
  const found = await workflows.find(checked.value.id, until)
  if (found && isAdded(found, checked.value, LASTING)) return { ok: true, workflow: found.row }
  return idTaken('another workflow has the id', checked.value.id)
}

export async function listWorkflows(
  context: CallContext,
  options: ListWorkflowsOptions = {},
): Promise<Outcome<Page<Workflow>>> {
  const project = optional(options.project, parseProject)
  if (!project.ok) return project
  const statuses = checkedStatuses(options.statuses, WORKFLOW_COURSE)
  if (!statuses.ok) return statuses
  const after = parseCursor(options.after, 1)
  if (!after.ok) return after
  const limit = parseLimit(options.limit)
  const filter = {
    project: project.value,
    statuses: statuses.value,
    rows: limit + 1,
    after: after.value,
  }
  const { workflows } = await coordinationOf(context)
  const read = await workflows.list(filter, context.deadline())
  return { ok: true, ...pageOf(read, limit, ({ createdAt, id }) => [[createdAt.getTime()], id]) }
}

export async function getWorkflow(
  context: CallContext,
  input: { readonly id: string },
): Promise<Outcome<{ readonly workflow: Workflow }>> {
  const id = parseId(input.id)
  if (!id.ok) return id
  const { workflows } = await coordinationOf(context)
  const found = await workflows.find(id.value, context.deadline())
  return found ? { ok: true, workflow: found.row } : notFound('workflow', id.value)
}

export async function setWorkflow(
  context: CallContext,
  options: SetWorkflowOptions,
): Promise<Outcome<{ readonly workflow: Workflow }>> {
  const id = parseId(options.id)
  if (!id.ok) return id
  const to = optional(options.status, text => parseStatus<WorkflowStatus>(text, WORKFLOW_COURSE))
  if (!to.ok) return to
  const name = optional(options.name, text => parseTitle(text, 'the name'))
  if (!name.ok) return name
  const description = parseDescription(options.description)
  if (!description.ok) return description
  const { session, deadline } = context
  const coordination = await coordinationOf(context)
  const edit = {
    id: id.value,
    by: session.id,
    fields: {
      ...(name.value === undefined ? {} : { name: name.value }),
      ...(options.description === undefined ? {} : { description: description.value }),
    },
    to: to.value,
    reopen: options.reopen ?? false,
  }
  const set = await change<WorkflowStatus, Workflow>(context, coordination.workflows, KIND, edit, deadline())
  return set.ok ? { ok: true, workflow: set.row } : set
}

function checkedNew(context: CallContext, options: AddWorkflowOptions): Checked<Unsaved<Workflow>> {
  const sessionId = context.session.id
  const id = parseId(options.id ?? crypto.randomUUID())
  if (!id.ok) return id
  const project = parseProject(options.project)
  if (!project.ok) return project
  const name = parseTitle(options.name, 'the name')
  if (!name.ok) return name
  const description = parseDescription(options.description)
  if (!description.ok) return description
  const status = parseStatus<WorkflowStatus>(options.status ?? 'planning', WORKFLOW_COURSE)
  if (!status.ok) return status
  return accept({
    id: id.value,
    createdBy: sessionId,
    movedBy: sessionId,
    project: project.value,
    name: name.value,
    description: description.value,
    status: status.value,
  })
}
