import { momentOf } from '../../domain/claim.ts'
import type { Component, PastState } from '../../domain/component.ts'
import { MESSAGE_KINDS, type Received } from '../../domain/message.ts'
import { ITEM_STATUSES, WORKFLOW_STATUSES, type Workflow, type WorkItem } from '../../domain/work.ts'
import type {
  ComponentHistoryRow,
  ComponentRow,
  MessageRow,
  WorkflowRow,
  WorkItemRow,
} from '../tables/coordination.ts'

/**
 * A row as any store returns it: times as dates or in milliseconds. Other clients may have written anything.
 */
type Any<Row> = { readonly [Column in keyof Row]: Row[Column] | number | null }

export type AnyMessageRow = Any<MessageRow> & {
  readonly been_read_at: Date | number | null
  readonly unread: number | string
}
export type AnyComponentRow = Any<Omit<ComponentRow, 'change_id'>>
export type AnyHistoryRow = Any<ComponentHistoryRow>
export type AnyWorkflowRow = Any<WorkflowRow>
export type AnyItemRow = Any<WorkItemRow>

export function toReceived(row: AnyMessageRow): Received {
  return {
    id: String(row.id),
    from: String(row.from_session),
    to: textOf(row.to_session),
    project: textOf(row.project_key),
    kind: MESSAGE_KINDS.find(kind => kind === row.kind) ?? 'MESSAGE',
    subject: String(row.subject),
    body: String(row.body),
    sentAt: momentOf(row.sent_at ?? 0),
    readAt: row.been_read_at === null ? undefined : momentOf(row.been_read_at),
    unread: Number(row.unread) === 1,
  }
}

export function toComponent(row: AnyComponentRow): Component {
  return {
    project: String(row.project_key),
    component: String(row.component),
    state: String(row.state),
    version: textOf(row.version),
    notes: textOf(row.notes),
    updatedBy: String(row.updated_by),
    updatedAt: momentOf(row.updated_at ?? 0),
  }
}

export function toPastState(row: AnyHistoryRow): PastState {
  return { id: String(row.id), ...toComponent(row) }
}

export function toWorkflow(row: AnyWorkflowRow): Workflow {
  return {
    id: String(row.id),
    project: String(row.project_key),
    name: String(row.name),
    description: textOf(row.description),
    status: WORKFLOW_STATUSES.find(status => status === row.status) ?? 'planning',
    createdBy: String(row.created_by),
    createdAt: momentOf(row.created_at ?? 0),
    updatedAt: momentOf(row.updated_at ?? 0),
    movedBy: String(row.moved_by),
  }
}

export function toItem(row: AnyItemRow): WorkItem {
  return {
    id: String(row.id),
    workflowId: textOf(row.workflow_id),
    project: String(row.project_key),
    title: String(row.title),
    description: textOf(row.description),
    status: ITEM_STATUSES.find(status => status === row.status) ?? 'pending',
    priority: Number(row.priority),
    assignedTo: textOf(row.assigned_to),
    createdBy: String(row.created_by),
    createdAt: momentOf(row.created_at ?? 0),
    updatedAt: momentOf(row.updated_at ?? 0),
    movedBy: String(row.moved_by),
  }
}

function textOf(value: string | number | null): string | undefined {
  return value === null ? undefined : String(value)
}
