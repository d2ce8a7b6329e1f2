import { momentOf } from '../domain/claim.ts'
import type { ItemStatus, Workflow, WorkflowProgress, WorkflowStatus, WorkItem } from '../domain/work.ts'

/** What a workflow and a work item say about their changes. Times are ISO 8601 in UTC with milliseconds. */
export interface ChangedJson {
  /** The id of the session that added it. */
  readonly created_by: string
  /** When it was added. */
  readonly created_at: string
  /** When it was last changed. */
  readonly updated_at: string
  /** The id of the session that set the current status. */
  readonly moved_by: string
}

/** A workflow as every interface of presence shows it: the CLI, `/api/v1` and this library. */
export interface WorkflowJson extends ChangedJson {
  /** The id that its creator gave it, or a UUID. */
  readonly id: string
  /** The project's key. */
  readonly project_key: string
  /** One line. */
  readonly name: string
  /** What it is about. */
  readonly description: string | null
  /** Where it stands. */
  readonly status: WorkflowStatus
}

/** A workflow in the overview of a board: its keys, and its number of items in each status. */
export interface WorkflowProgressJson extends WorkflowJson {
  /** The number of its items in each status. */
  readonly items: Readonly<Record<ItemStatus, number>>
}

/** A work item as every interface of presence shows it: the CLI, `/api/v1` and this library. */
export interface WorkItemJson extends ChangedJson {
  /** The id that its creator gave it, or a UUID. */
  readonly id: string
  /** The id of the workflow that it is a step of. */
  readonly workflow_id: string | null
  /** The project's key. */
  readonly project_key: string
  /** One line. */
  readonly title: string
  /** What it is about. */
  readonly description: string | null
  /** Where it stands. */
  readonly status: ItemStatus
  /** 0 to 100. Higher comes first. */
  readonly priority: number
  /** The id of the session that should do it. */
  readonly assigned_to: string | null
}

/**
 * A workflow as JSON, with the same keys as in every other interface of presence.
 *
 * @example
 * ```ts
 * const said = await board.workflows.list()
 * if (said.ok) console.log(JSON.stringify(said.rows.map(workflowJson)))
 * ```
 */
export function workflowJson(workflow: Workflow): WorkflowJson {
  return {
    id: workflow.id,
    project_key: workflow.project,
    name: workflow.name,
    description: workflow.description ?? null,
    status: workflow.status,
    ...changedJson(workflow),
  }
}

/**
 * A workflow of the overview as JSON: the keys of a workflow, and its number of items in each status.
 *
 * @example
 * ```ts
 * const said = await board.status()
 * if (said.ok) console.log(JSON.stringify(said.workflows.map(workflowProgressJson)))
 * ```
 */
export function workflowProgressJson({ workflow, items }: WorkflowProgress): WorkflowProgressJson {
  return { ...workflowJson(workflow), items }
}

/**
 * A work item as JSON, with the same keys as in every other interface of presence.
 *
 * @example
 * ```ts
 * const said = await board.items.list()
 * if (said.ok) console.log(JSON.stringify(said.rows.map(workItemJson)))
 * ```
 */
export function workItemJson(item: WorkItem): WorkItemJson {
  return {
    id: item.id,
    workflow_id: item.workflowId ?? null,
    project_key: item.project,
    title: item.title,
    description: item.description ?? null,
    status: item.status,
    priority: item.priority,
    assigned_to: item.assignedTo ?? null,
    ...changedJson(item),
  }
}

/** The workflow that `workflowJson` was given. Keys of a later version are ignored. */
export function workflowOfJson(json: WorkflowJson): Workflow {
  return {
    id: json.id,
    project: json.project_key,
    name: json.name,
    description: json.description ?? undefined,
    status: json.status,
    ...changedOfJson(json),
  }
}

/** The workflow that `workflowProgressJson` was given. */
export function workflowProgressOfJson(json: WorkflowProgressJson): WorkflowProgress {
  return { workflow: workflowOfJson(json), items: json.items }
}

/** The item that `workItemJson` was given. Keys of a later version are ignored. */
export function workItemOfJson(json: WorkItemJson): WorkItem {
  return {
    id: json.id,
    workflowId: json.workflow_id ?? undefined,
    project: json.project_key,
    title: json.title,
    description: json.description ?? undefined,
    status: json.status,
    priority: json.priority,
    assignedTo: json.assigned_to ?? undefined,
    ...changedOfJson(json),
  }
}

type Changed = Pick<Workflow & WorkItem, 'createdBy' | 'createdAt' | 'updatedAt' | 'movedBy'>

function changedJson({ createdBy, createdAt, updatedAt, movedBy }: Changed): ChangedJson {
  return {
    created_by: createdBy,
    created_at: createdAt.toISOString(),
    updated_at: updatedAt.toISOString(),
    moved_by: movedBy,
  }
}

function changedOfJson({ created_by, created_at, updated_at, moved_by }: ChangedJson): Changed {
  return {
    createdBy: created_by,
    createdAt: momentOf(new Date(created_at)),
    updatedAt: momentOf(new Date(updated_at)),
    movedBy: moved_by,
  }
}
