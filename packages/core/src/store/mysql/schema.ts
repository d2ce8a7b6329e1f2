import { sql } from 'drizzle-orm'
import { bigint, datetime, index, int, mysqlTable, primaryKey, text, varchar } from 'drizzle-orm/mysql-core'
import { TTL_SECONDS_DEFAULT } from '../../domain/limits.ts'

/**
 * The first eight columns are the table of the seeds' own tool, whose clients go on writing them with REPLACE INTO:
 * every later column needs a default.
 */
export const claims = mysqlTable(
  'presence_claims',
  {
    session_id: varchar({ length: 128 }).notNull(),
    resource_label: varchar({ length: 255 }).notNull(),
    purpose: text().notNull(),
    claimed_at: datetime({ mode: 'date', fsp: 3 }).notNull().default(sql`CURRENT_TIMESTAMP(3)`),
    expires_at: datetime({ mode: 'date', fsp: 3 }).notNull(),
    host: varchar({ length: 128 }).notNull(),
    user: varchar({ length: 64 }).notNull(),
    agent_name: varchar({ length: 64 }).default('claude-code'),
    ttl_seconds: int().notNull().default(TTL_SECONDS_DEFAULT),
    lapsed_at: datetime({ mode: 'date', fsp: 3 }),
    repo: varchar({ length: 255 }),
    branch: varchar({ length: 255 }),
    worktree: varchar({ length: 1024 }),
  },
  table => [
    primaryKey({ columns: [table.session_id, table.resource_label] }),
    index('idx_resource').on(table.resource_label),
    index('idx_expires').on(table.expires_at),
  ],
)

/** Queued operations that are done, for a day: so that one that is tried again is not done twice. */
export const replays = mysqlTable(
  'presence_replays',
  {
    operation_id: varchar({ length: 64 }).primaryKey(),
    replayed_at: datetime({ mode: 'date', fsp: 3 }).notNull(),
  },
  table => [index('idx_replayed').on(table.replayed_at)],
)

/** The sessions that said they are there, also after their end. */
export const sessions = mysqlTable(
  'presence_sessions',
  {
    session_id: varchar({ length: 128 }).primaryKey(),
    host: varchar({ length: 128 }).notNull(),
    user: varchar({ length: 64 }).notNull(),
    agent_name: varchar({ length: 64 }).notNull(),
    repo: varchar({ length: 255 }),
    branch: varchar({ length: 255 }),
    worktree: varchar({ length: 1024 }),
    started_at: datetime({ mode: 'date', fsp: 3 }).notNull(),
    last_heartbeat: datetime({ mode: 'date', fsp: 3 }).notNull(),
    ended_at: datetime({ mode: 'date', fsp: 3 }),
  },
  table => [index('idx_last_heartbeat').on(table.last_heartbeat)],
)

/**
 * Exclusive claims: one row a label, never deleted, so that its token only grows. Every write sets a fresh nonce: without
 * one, Dolt merges two writes of the same values, and both are told that they won.
 */
export const locks = mysqlTable(
  'presence_locks',
  {
    resource_label: varchar({ length: 255 }).primaryKey(),
    token: bigint({ mode: 'number' }).notNull(),
    nonce: varchar({ length: 64 }).notNull(),
    /** Null: free. */
    session_id: varchar({ length: 128 }),
    purpose: text(),
    claimed_at: datetime({ mode: 'date', fsp: 3 }),
    expires_at: datetime({ mode: 'date', fsp: 3 }).notNull(),
    ttl_seconds: int().notNull(),
    host: varchar({ length: 128 }),
    user: varchar({ length: 64 }),
    agent_name: varchar({ length: 64 }),
    repo: varchar({ length: 255 }),
    branch: varchar({ length: 255 }),
    worktree: varchar({ length: 1024 }),
  },
  table => [index('idx_lock_session').on(table.session_id)],
)

/** A row as the driver gives it. */
export type ClaimRow = typeof claims.$inferSelect
export type SessionRow = typeof sessions.$inferSelect
export type LockRow = typeof locks.$inferSelect
