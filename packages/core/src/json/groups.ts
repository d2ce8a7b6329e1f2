import type { Component } from '../domain/component.ts'
import type { Message, Received } from '../domain/message.ts'
import type { Workflow, WorkItem } from '../domain/work.ts'

// The JSON of every interface: the columns' names, times in ISO 8601, null for a missing value.

export function messageJson(message: Message) {
  return {
    id: message.id,
    from_session: message.from,
    to_session: message.to ?? null,
    project_key: message.project ?? null,
    kind: message.kind,
    subject: message.subject,
    body: message.body,
    sent_at: message.sentAt.toISOString(),
  }
}

/** A message, and whether the asking session has read it. */
export function receivedJson(message: Received) {
  const { readAt, unread } = message
  return { ...messageJson(message), read_at: readAt?.toISOString() ?? null, unread }
}

export function componentJson(component: Component) {
  return {
    project_key: component.project,
    component: component.component,
    state: component.state,
    version: component.version ?? null,
    notes: component.notes ?? null,
    updated_by: component.updatedBy,
    updated_at: component.updatedAt.toISOString(),
  }
}

export function workflowJson(workflow: Workflow) {
  return {
    id: workflow.id,
    project_key: workflow.project,
    name: workflow.name,
    description: workflow.description ?? null,
    status: workflow.status,
    ...madeJson(workflow),
  }
}

export function itemJson(item: WorkItem) {
  return {
    id: item.id,
    workflow_id: item.workflowId ?? null,
    project_key: item.project,
    title: item.title,
    description: item.description ?? null,
    status: item.status,
    priority: item.priority,
    assigned_to: item.assignedTo ?? null,
    ...madeJson(item),
  }
}

function madeJson({ createdBy, createdAt, updatedAt, movedBy }: Workflow | WorkItem) {
  return {
    created_by: createdBy,
    created_at: createdAt.toISOString(),
    updated_at: updatedAt.toISOString(),
    moved_by: movedBy,
  }
}
