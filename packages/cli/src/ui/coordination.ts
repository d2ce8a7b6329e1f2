import type { Component, Received, Workflow, WorkItem } from '@presence/core'

/** A message as every face prints it. */
export function messageJson(message: Received) {
  return {
    id: message.id,
    from_session: message.from,
    to_session: message.to ?? null,
    project_key: message.project ?? null,
    kind: message.kind,
    subject: message.subject,
    body: message.body,
    sent_at: message.sentAt.toISOString(),
    read_at: message.readAt?.toISOString() ?? null,
    unread: message.unread,
  }
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
