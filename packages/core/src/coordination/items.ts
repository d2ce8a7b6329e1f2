import type { CallContext } from '../claims/context.ts'
import { idTaken, parseId } from '../domain/id.ts'
import { PRIORITY_DEFAULT } from '../domain/limits.ts'
import { type Page, parseCursor, parseLimit } from '../domain/page.ts'
import { parseProject } from '../domain/project.ts'
import { accept, type Checked, type Outcome, refuse } from '../domain/refusal.ts'
import { parseSessionId } from '../domain/session.ts'
import {
  ITEM_COURSE,
  type ItemStatus,
  parseDescription,
  parsePriority,
  parseStatus,
  parseTitle,
  WORKFLOW_COURSE,
  type WorkItem,
} from '../domain/work.ts'
import type { Unsaved } from '../store/port/coordination.ts'
import { checkedStatuses, isAdded, optional } from './checks.ts'
import { coordinationOf, pageOf } from './context.ts'
import type { AddItemOptions, ListItemsOptions, SetItemOptions } from './item-group.ts'
import { change, endedAlready, notFound } from './work.ts'

const KIND = { name: 'item', course: ITEM_COURSE }
const LASTING = ['workflowId', 'project', 'title', 'createdBy'] as const

export async function addItem(
  context: CallContext,
  options: AddItemOptions,
): Promise<Outcome<{ readonly item: WorkItem }>> {
  const { workflows, items } = await coordinationOf(context)
  const until = context.deadline()
  const workflow = optional(options.workflow, parseId)
  if (!workflow.ok) return workflow
  const of = workflow.value === undefined ? undefined : await workflows.find(workflow.value, until)
  if (workflow.value !== undefined && !of) return notFound('workflow', workflow.value)
  const checked = checkedNew(context, options, of?.row)
  if (!checked.ok) return checked
  const ended = of && WORKFLOW_COURSE.isEnd[of.row.status] ? of.row : undefined
  if (!ended) await items.add(checked.value, until)
  const found = await items.find(checked.value.id, until)
  if (found && isAdded(found, checked.value, LASTING)) return { ok: true, item: found.row }
  // An item that was added before the workflow ended is there already, so the repeated call succeeds.
  if (ended && !found) return endedAlready({ name: 'workflow', course: WORKFLOW_COURSE }, ended)
  return idTaken('another item has the id', checked.value.id)
}

export async function listItems(
  context: CallContext,
  options: ListItemsOptions = {},
): Promise<Outcome<Page<WorkItem>>> {
  const project = optional(options.project, parseProject)
  if (!project.ok) return project
  const workflow = optional(options.workflow, parseId)
  if (!workflow.ok) return workflow
  const statuses = checkedStatuses(options.statuses, ITEM_COURSE)
  if (!statuses.ok) return statuses
  const after = parseCursor(options.after, 2)
  if (!after.ok) return after
  const limit = parseLimit(options.limit)
  const filter = {
    project: project.value,
    workflowId: workflow.value,
    statuses: statuses.value,
    assignedTo: options.assignedTo,
    rows: limit + 1,
    after: after.value,
  }
  const { items } = await coordinationOf(context)
  const read = await items.list(filter, context.deadline())
  return {
    ok: true,
    ...pageOf(read, limit, ({ priority, createdAt, id }) => [[priority, createdAt.getTime()], id]),
  }
}

export async function getItem(
  context: CallContext,
  input: { readonly id: string },
): Promise<Outcome<{ readonly item: WorkItem }>> {
  const id = parseId(input.id)
  if (!id.ok) return id
  const { items } = await coordinationOf(context)
  const found = await items.find(id.value, context.deadline())
  return found ? { ok: true, item: found.row } : notFound('item', id.value)
}

export async function setItem(
  context: CallContext,
  options: SetItemOptions,
): Promise<Outcome<{ readonly item: WorkItem }>> {
  const id = parseId(options.id)
  if (!id.ok) return id
  const to = optional(options.status, text => parseStatus<ItemStatus>(text, ITEM_COURSE))
  if (!to.ok) return to
  const fields = fieldsOf(options)
  if (!fields.ok) return fields
  const { session, deadline } = context
  const coordination = await coordinationOf(context)
  const edit = {
    id: id.value,
    by: session.id,
    fields: fields.value,
    to: to.value,
    reopen: options.reopen ?? false,
  }
  const set = await change<ItemStatus, WorkItem>(context, coordination.items, KIND, edit, deadline())
  return set.ok ? { ok: true, item: set.row } : set
}

function checkedNew(
  context: CallContext,
  options: AddItemOptions,
  workflow: { readonly id: string; readonly project: string } | undefined,
): Outcome<{ readonly value: Unsaved<WorkItem> }> {
  const sessionId = context.session.id
  const id = parseId(options.id ?? crypto.randomUUID())
  if (!id.ok) return id
  const project = parseProject(options.project ?? workflow?.project ?? '')
  if (!project.ok) return project
  if (workflow && workflow.project !== project.value) return ofAnother(workflow, project.value)
  const title = parseTitle(options.title, 'the title')
  if (!title.ok) return title
  const status = parseStatus<ItemStatus>(options.status ?? 'pending', ITEM_COURSE)
  if (!status.ok) return status
  const rest = fieldsOf({ ...options, priority: options.priority ?? PRIORITY_DEFAULT })
  if (!rest.ok) return rest
  const { description, priority = PRIORITY_DEFAULT, assignedTo } = rest.value
  return accept({
    id: id.value,
    workflowId: workflow?.id,
    project: project.value,
    title: title.value,
    description,
    status: status.value,
    priority,
    assignedTo,
    createdBy: sessionId,
    movedBy: sessionId,
  })
}

type Fields = Partial<Pick<WorkItem, 'title' | 'description' | 'priority' | 'assignedTo'>>

/** Only the given fields. */
function fieldsOf(options: Omit<SetItemOptions, 'id'>): Checked<Fields> {
  const title = optional(options.title, text => parseTitle(text, 'the title'))
  if (!title.ok) return title
  const description = parseDescription(options.description)
  if (!description.ok) return description
  const priority = optional(options.priority, parsePriority)
  if (!priority.ok) return priority
  const assigned = optional(options.assignedTo ?? undefined, id => parseSessionId(id, 'the session'))
  if (!assigned.ok) return assigned
  return accept({
    ...(title.value === undefined ? {} : { title: title.value }),
    ...(options.description === undefined ? {} : { description: description.value }),
    ...(priority.value === undefined ? {} : { priority: priority.value }),
    ...(options.assignedTo === undefined ? {} : { assignedTo: assigned.value }),
  })
}

function ofAnother({ id, project }: { readonly id: string; readonly project: string }, given: string) {
  return refuse({
    code: 'not_found',
    message: `${given} has no workflow ${id}: it is in ${project}`,
    remedy: 'leave the project out: an item is in the project of its workflow',
    id,
  })
}
