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
import type { Unsaved } from '../store/port.ts'
import { checkedStatuses, isAdded, optional } from './checks.ts'
import { coordinationOf, pageOf } from './context.ts'
import { change, notFound } from './work.ts'

export interface AddWorkflowOptions {
  /** The project's key. */
  readonly project: string
  /** One line, at most 255 characters. */
  readonly name: string
  /** At most 4,000 characters. */
  readonly description?: string
  /** @default `planning` */
  readonly status?: string
  /** Identifies the workflow: adding it twice with the same id adds it once. @default a random UUID */
  readonly id?: string
}

export interface ListWorkflowsOptions {
  readonly project?: string
  /** Only workflows with one of these statuses. @default all */
  readonly statuses?: readonly string[]
  readonly limit?: number
  /** The `next` of the previous page. */
  readonly after?: string
}

export interface SetWorkflowOptions {
  readonly id: string
  readonly status?: string
  readonly name?: string
  /** An empty text removes it. */
  readonly description?: string
  /** Allows a new status although the workflow has ended. @default false */
  readonly reopen?: boolean
}

/** Work with several steps that lasts longer than a session. */
export interface WorkflowGroup {
  add(options: AddWorkflowOptions): Promise<Outcome<{ readonly workflow: Workflow }>>
  /** The latest created first. */
  list(options?: ListWorkflowsOptions): Promise<Outcome<Page<Workflow>>>
  get(id: string): Promise<Outcome<{ readonly workflow: Workflow }>>
  /**
   * Changes the given fields. Refused with `not_moved` if its status doesn't allow the new one, or if another
   * session made that change already.
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
  const set = await change<WorkflowStatus, Workflow>(coordination.workflows, KIND, edit, deadline())
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
