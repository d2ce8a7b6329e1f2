import { integer, longText, nullable, type RowOf, table, text, time } from './table.ts'

const id = text(64)
const session = text(128)
const project = text(64)

/** Messages to a session, to a project or to all, kept for 30 days. Rows are added, never changed. */
export const messages = table(
  'presence_messages',
  {
    id,
    from_session: session,
    /** Null: to all sessions, or to all of the project. */
    to_session: nullable(session),
    project_key: nullable(project),
    kind: text(32),
    subject: text(255),
    body: longText,
    sent_at: time,
  },
  {
    key: ['id'],
    indexes: {
      idx_message_to: ['to_session', 'sent_at'],
      idx_message_project: ['project_key', 'sent_at'],
      idx_message_sent: ['sent_at'],
    },
  },
)

/** Which session has read which message. Each reader of a broadcast has its own row. */
export const messageReads = table(
  'presence_message_reads',
  { message_id: id, session_id: session, read_at: time },
  { key: ['message_id', 'session_id'], indexes: { idx_message_read: ['read_at'] } },
)

/** The state of a component, and who set it and when. */
const STATE = {
  project_key: project,
  component: text(64),
  state: text(64),
  version: nullable(text(128)),
  notes: nullable(longText),
  updated_by: session,
  updated_at: time,
}

/** The current state of each component of a project: the latest row of its history. */
export const components = table(
  'presence_components',
  {
    ...STATE,
    /**
     * The history row that is shown. It differs for each write, so that Dolt never merges two writes column
     * by column.
     */
    change_id: id,
  },
  { key: ['project_key', 'component'], indexes: { idx_component_updated: ['updated_at'] } },
)

/** The states that a component was set to, kept for 90 days. */
export const componentHistory = table(
  'presence_component_history',
  { id, ...STATE },
  {
    key: ['id'],
    indexes: {
      idx_component_history: ['project_key', 'component', 'updated_at'],
      idx_component_history_at: ['updated_at'],
    },
  },
)

/** How a workflow or an item was made and last changed. */
const CHANGES = {
  created_by: session,
  created_at: time,
  updated_at: time,
  /** The session that set the current status. */
  moved_by: session,
  /** Fresh for each write, so that a write can tell whether it took effect. */
  revision: id,
}

/** Work with several steps over several days. Completed and cancelled workflows are kept for 90 days. */
export const workflows = table(
  'presence_workflows',
  {
    id,
    project_key: project,
    name: text(255),
    description: nullable(longText),
    status: text(16),
    ...CHANGES,
  },
  {
    key: ['id'],
    indexes: {
      idx_workflow_project: ['project_key', 'created_at'],
      idx_workflow_updated: ['updated_at'],
    },
  },
)

/** Steps of a workflow, or items on their own. Completed and cancelled items are kept for 90 days. */
export const workItems = table(
  'presence_work_items',
  {
    id,
    workflow_id: nullable(id),
    project_key: project,
    title: text(255),
    description: nullable(longText),
    status: text(16),
    priority: integer,
    assigned_to: nullable(session),
    ...CHANGES,
  },
  {
    key: ['id'],
    indexes: {
      idx_item_project: ['project_key', 'priority'],
      idx_item_workflow: ['workflow_id'],
      idx_item_updated: ['updated_at'],
    },
  },
)

export type MessageRow = RowOf<typeof messages>
export type ComponentRow = RowOf<typeof components>
export type ComponentHistoryRow = RowOf<typeof componentHistory>
export type WorkflowRow = RowOf<typeof workflows>
export type WorkItemRow = RowOf<typeof workItems>
