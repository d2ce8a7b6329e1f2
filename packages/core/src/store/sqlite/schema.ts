import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { TTL_SECONDS_DEFAULT } from '../../domain/limits.ts'

/** The same tables as in `mysql/schema.ts`, with times as milliseconds since 1970. */
export const claims = sqliteTable(
  'presence_claims',
  {
    session_id: text().notNull(),
    resource_label: text().notNull(),
    purpose: text().notNull(),
    claimed_at: integer().notNull().default(sql`(CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER))`),
    expires_at: integer().notNull(),
    host: text().notNull(),
    user: text().notNull(),
    agent_name: text().default('claude-code'),
    ttl_seconds: integer().notNull().default(TTL_SECONDS_DEFAULT),
    lapsed_at: integer(),
    repo: text(),
    branch: text(),
    worktree: text(),
    write_keys: text(),
  },
  table => [
    primaryKey({ columns: [table.session_id, table.resource_label] }),
    index('idx_resource').on(table.resource_label),
    index('idx_expires').on(table.expires_at),
  ],
)

/** Outbox entries that were applied, kept for a day. */
export const replays = sqliteTable(
  'presence_replays',
  {
    operation_id: text().primaryKey(),
    replayed_at: integer().notNull(),
  },
  table => [index('idx_replayed').on(table.replayed_at)],
)

/** Registered sessions, including those that have ended. */
export const sessions = sqliteTable(
  'presence_sessions',
  {
    session_id: text().primaryKey(),
    host: text().notNull(),
    user: text().notNull(),
    agent_name: text().notNull(),
    repo: text(),
    branch: text(),
    worktree: text(),
    started_at: integer().notNull(),
    last_heartbeat: integer().notNull(),
    ended_at: integer(),
    role: text(),
  },
  table => [index('idx_last_heartbeat').on(table.last_heartbeat)],
)

/**
 * Exclusive claims: one row per label, never deleted, so that its token only grows. Every write sets a fresh
 * revision: without it, Dolt merges two writes of the same values, and both writers are told that they won.
 */
export const locks = sqliteTable(
  'presence_locks',
  {
    resource_label: text().primaryKey(),
    token: integer().notNull(),
    nonce: text().notNull(),
    revision: text().notNull(),
    over_shared: integer().notNull().default(0),
    /** Null: the label is free. */
    session_id: text(),
    purpose: text(),
    claimed_at: integer(),
    expires_at: integer().notNull(),
    ttl_seconds: integer().notNull(),
    host: text(),
    user: text(),
    agent_name: text(),
    repo: text(),
    branch: text(),
    worktree: text(),
    active_at: integer(),
    tentative: integer().notNull().default(0),
  },
  table => [index('idx_lock_session').on(table.session_id), index('idx_lock_expires').on(table.expires_at)],
)

/** Claims that ended without a release by their session, kept for a day. */
export const ended = sqliteTable(
  'presence_ended',
  {
    session_id: text().notNull(),
    resource_label: text().notNull(),
    purpose: text().notNull(),
    claimed_at: integer().notNull(),
    expires_at: integer().notNull(),
    host: text().notNull(),
    user: text().notNull(),
    agent_name: text(),
    ttl_seconds: integer().notNull(),
    repo: text(),
    branch: text(),
    worktree: text(),
    token: integer(),
    ended: text().notNull(),
    ended_at: integer().notNull(),
    ended_by: text(),
    note: text(),
  },
  table => [
    primaryKey({ columns: [table.session_id, table.resource_label, table.claimed_at] }),
    index('idx_ended_label').on(table.resource_label),
    index('idx_ended_at').on(table.ended_at),
  ],
)

/** The wait queues for exclusive claims. */
export const waiters = sqliteTable(
  'presence_waiters',
  {
    resource_label: text().notNull(),
    waiter_id: text().notNull(),
    session_id: text().notNull(),
    queued_at: integer().notNull(),
    expires_at: integer().notNull(),
  },
  table => [primaryKey({ columns: [table.resource_label, table.waiter_id] })],
)

/** The history of claims, kept for 30 days. */
export const events = sqliteTable(
  'presence_events',
  {
    resource_label: text().notNull(),
    at: integer().notNull(),
    session_id: text().notNull(),
    event: text().notNull(),
    host: text().notNull(),
    user: text().notNull(),
    agent_name: text(),
    purpose: text().notNull(),
    token: integer(),
    others: text(),
    note: text(),
  },
  table => [
    primaryKey({ columns: [table.resource_label, table.at, table.session_id, table.event] }),
    index('idx_event_at').on(table.at),
    index('idx_event_session').on(table.session_id, table.at),
  ],
)

/** Rows as SQLite returns them. */
export type ClaimRow = typeof claims.$inferSelect
export type SessionRow = typeof sessions.$inferSelect
export type LockRow = typeof locks.$inferSelect
export type EndedRow = typeof ended.$inferSelect
export type EventRow = typeof events.$inferSelect
