import { sql } from 'drizzle-orm'
import { datetime, index, int, mysqlTable, primaryKey, text, varchar } from 'drizzle-orm/mysql-core'
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

/** A row as the driver gives it. */
export type ClaimRow = typeof claims.$inferSelect
export type SessionRow = typeof sessions.$inferSelect
