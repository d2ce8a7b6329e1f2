import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { TTL_SECONDS_DEFAULT } from '../../domain/limits.ts'

/** The same table as `mysql/schema.ts`, with times as milliseconds since 1970. */
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
  },
  table => [
    primaryKey({ columns: [table.session_id, table.resource_label] }),
    index('idx_resource').on(table.resource_label),
    index('idx_expires').on(table.expires_at),
  ],
)

/** Queued operations that are done, for a day. */
export const replays = sqliteTable(
  'presence_replays',
  {
    operation_id: text().primaryKey(),
    replayed_at: integer().notNull(),
  },
  table => [index('idx_replayed').on(table.replayed_at)],
)

/** The sessions that said they are there, also after their end. */
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
  },
  table => [index('idx_last_heartbeat').on(table.last_heartbeat)],
)

/**
 * Exclusive claims: one row a label, never deleted, so that its token only grows. Every write sets a fresh nonce: without
 * one, Dolt merges two writes of the same values, and both are told that they won.
 */
export const locks = sqliteTable(
  'presence_locks',
  {
    resource_label: text().primaryKey(),
    token: integer().notNull(),
    nonce: text().notNull(),
    /** Null: free. */
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
  },
  table => [index('idx_lock_session').on(table.session_id)],
)

/** A row as SQLite gives it. */
export type ClaimRow = typeof claims.$inferSelect
export type SessionRow = typeof sessions.$inferSelect
export type LockRow = typeof locks.$inferSelect
