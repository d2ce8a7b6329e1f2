import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'

/** Messages to a session, to a project or to all, kept for 30 days. Rows are added, never changed. */
export const messages = sqliteTable(
  'presence_messages',
  {
    id: text().primaryKey(),
    from_session: text().notNull(),
    /** Null: to all sessions, or to all of the project. */
    to_session: text(),
    project_key: text(),
    kind: text().notNull(),
    subject: text().notNull(),
    body: text().notNull(),
    sent_at: integer().notNull(),
  },
  table => [
    index('idx_message_to').on(table.to_session, table.sent_at),
    index('idx_message_project').on(table.project_key, table.sent_at),
    index('idx_message_sent').on(table.sent_at),
  ],
)

/** Which session has read which message. Each reader of a broadcast has its own row. */
export const messageReads = sqliteTable(
  'presence_message_reads',
  {
    message_id: text().notNull(),
    session_id: text().notNull(),
    read_at: integer().notNull(),
  },
  table => [
    primaryKey({ columns: [table.message_id, table.session_id] }),
    index('idx_message_read').on(table.read_at),
  ],
)

/** The current state of each component of a project: the latest row of its history. */
export const components = sqliteTable(
  'presence_components',
  {
    project_key: text().notNull(),
    component: text().notNull(),
    state: text().notNull(),
    version: text(),
    notes: text(),
    updated_by: text().notNull(),
    updated_at: integer().notNull(),
    /**
     * The history row that is shown. It differs for each write, so that Dolt never merges two writes column
     * by column.
     */
    change_id: text().notNull(),
  },
  table => [
    primaryKey({ columns: [table.project_key, table.component] }),
    index('idx_component_updated').on(table.updated_at),
  ],
)

/** The states that a component was set to, kept for 90 days. */
export const componentHistory = sqliteTable(
  'presence_component_history',
  {
    id: text().primaryKey(),
    project_key: text().notNull(),
    component: text().notNull(),
    state: text().notNull(),
    version: text(),
    notes: text(),
    updated_by: text().notNull(),
    updated_at: integer().notNull(),
  },
  table => [
    index('idx_component_history').on(table.project_key, table.component, table.updated_at),
    index('idx_component_history_at').on(table.updated_at),
  ],
)

/** Work with several steps over several days. Completed and cancelled workflows are kept for 90 days. */
export const workflows = sqliteTable(
  'presence_workflows',
  {
    id: text().primaryKey(),
    project_key: text().notNull(),
    name: text().notNull(),
    description: text(),
    status: text().notNull(),
    created_by: text().notNull(),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
    /** The session that set the current status. */
    moved_by: text().notNull(),
    /** Fresh for each write, so that a write can tell whether it took effect. */
    revision: text().notNull(),
  },
  table => [
    index('idx_workflow_project').on(table.project_key, table.created_at),
    index('idx_workflow_updated').on(table.updated_at),
  ],
)

/** Steps of a workflow, or items on their own. Completed and cancelled items are kept for 90 days. */
export const workItems = sqliteTable(
  'presence_work_items',
  {
    id: text().primaryKey(),
    workflow_id: text(),
    project_key: text().notNull(),
    title: text().notNull(),
    description: text(),
    status: text().notNull(),
    priority: integer().notNull(),
    assigned_to: text(),
    created_by: text().notNull(),
    created_at: integer().notNull(),
    updated_at: integer().notNull(),
    moved_by: text().notNull(),
    revision: text().notNull(),
  },
  table => [
    index('idx_item_project').on(table.project_key, table.priority),
    index('idx_item_workflow').on(table.workflow_id),
    index('idx_item_updated').on(table.updated_at),
  ],
)

export type MessageRow = typeof messages.$inferSelect
export type ComponentRow = typeof components.$inferSelect
export type ComponentHistoryRow = typeof componentHistory.$inferSelect
export type WorkflowRow = typeof workflows.$inferSelect
export type WorkItemRow = typeof workItems.$inferSelect
