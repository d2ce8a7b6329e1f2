import { datetime, index, int, mysqlTable, primaryKey, text, varchar } from 'drizzle-orm/mysql-core'

const id = () => varchar({ length: 64 })
const session = () => varchar({ length: 128 })
const project = () => varchar({ length: 64 })
const moment = () => datetime({ mode: 'date', fsp: 3 })

/** Messages to a session, to a project or to all, kept for 30 days. Rows are added, never changed. */
export const messages = mysqlTable(
  'presence_messages',
  {
    id: id().primaryKey(),
    from_session: session().notNull(),
    /** Null: to all sessions, or to all of the project. */
    to_session: session(),
    project_key: project(),
    kind: varchar({ length: 32 }).notNull(),
    subject: varchar({ length: 255 }).notNull(),
    body: text().notNull(),
    sent_at: moment().notNull(),
  },
  table => [
    index('idx_message_to').on(table.to_session, table.sent_at),
    index('idx_message_project').on(table.project_key, table.sent_at),
    index('idx_message_sent').on(table.sent_at),
  ],
)

/** Which session has read which message. Each reader of a broadcast has its own row. */
export const messageReads = mysqlTable(
  'presence_message_reads',
  {
    message_id: id().notNull(),
    session_id: session().notNull(),
    read_at: moment().notNull(),
  },
  table => [
    primaryKey({ columns: [table.message_id, table.session_id] }),
    index('idx_message_read').on(table.read_at),
  ],
)

/** The current state of each component of a project: the latest row of its history. */
export const components = mysqlTable(
  'presence_components',
  {
    project_key: project().notNull(),
    component: varchar({ length: 64 }).notNull(),
    state: varchar({ length: 64 }).notNull(),
    version: varchar({ length: 128 }),
    notes: text(),
    updated_by: session().notNull(),
    updated_at: moment().notNull(),
    /**
     * The history row that is shown. It differs for each write, so that Dolt never merges two writes column
     * by column.
     */
    change_id: id().notNull(),
  },
  table => [
    primaryKey({ columns: [table.project_key, table.component] }),
    index('idx_component_updated').on(table.updated_at),
  ],
)

/** The states that a component was set to, kept for 90 days. */
export const componentHistory = mysqlTable(
  'presence_component_history',
  {
    id: id().primaryKey(),
    project_key: project().notNull(),
    component: varchar({ length: 64 }).notNull(),
    state: varchar({ length: 64 }).notNull(),
    version: varchar({ length: 128 }),
    notes: text(),
    updated_by: session().notNull(),
    updated_at: moment().notNull(),
  },
  table => [
    index('idx_component_history').on(table.project_key, table.component, table.updated_at),
    index('idx_component_history_at').on(table.updated_at),
  ],
)

/** Work with several steps over several days. Completed and cancelled workflows are kept for 90 days. */
export const workflows = mysqlTable(
  'presence_workflows',
  {
    id: id().primaryKey(),
    project_key: project().notNull(),
    name: varchar({ length: 255 }).notNull(),
    description: text(),
    status: varchar({ length: 16 }).notNull(),
    created_by: session().notNull(),
    created_at: moment().notNull(),
    updated_at: moment().notNull(),
    /** The session that set the current status. */
    moved_by: session().notNull(),
    /** Fresh for each write, so that a write can tell whether it took effect. */
    revision: id().notNull(),
  },
  table => [
    index('idx_workflow_project').on(table.project_key, table.created_at),
    index('idx_workflow_updated').on(table.updated_at),
  ],
)

/** Steps of a workflow, or items on their own. Completed and cancelled items are kept for 90 days. */
export const workItems = mysqlTable(
  'presence_work_items',
  {
    id: id().primaryKey(),
    workflow_id: id(),
    project_key: project().notNull(),
    title: varchar({ length: 255 }).notNull(),
    description: text(),
    status: varchar({ length: 16 }).notNull(),
    priority: int().notNull(),
    assigned_to: session(),
    created_by: session().notNull(),
    created_at: moment().notNull(),
    updated_at: moment().notNull(),
    moved_by: session().notNull(),
    revision: id().notNull(),
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
