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
import type { AddWorkflowOptions, ListWorkflowsOptions, SetWorkflowOptions } from './workflow-group.ts'

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
