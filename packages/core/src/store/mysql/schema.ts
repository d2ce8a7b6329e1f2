import { sql } from 'drizzle-orm'
import { bigint, datetime, index, int, mysqlTable, primaryKey, text, varchar } from 'drizzle-orm/mysql-core'
import { TTL_SECONDS_DEFAULT } from '../../domain/limits.ts'

/**
 * The first eight columns are the first tool's table. Its clients still write rows with REPLACE INTO, so
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
    /**
     * The keys of this claim's writes that were not taken back. Null: written by a client without write keys.
     */
    write_keys: varchar({ length: 512 }),
  },
  table => [
    primaryKey({ columns: [table.session_id, table.resource_label] }),
    index('idx_resource').on(table.resource_label),
    index('idx_expires').on(table.expires_at),
  ],
)

/**
 * Outbox entries that were applied, kept for a day, so that an entry that is sent again isn't applied twice.
 */
export const replays = mysqlTable(
  'presence_replays',
  {
    operation_id: varchar({ length: 64 }).primaryKey(),
    replayed_at: datetime({ mode: 'date', fsp: 3 }).notNull(),
  },
  table => [index('idx_replayed').on(table.replayed_at)],
)

/** Registered sessions, including those that have ended. */
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
    role: varchar({ length: 64 }),
  },
  table => [index('idx_last_heartbeat').on(table.last_heartbeat)],
)

/**
 * Exclusive claims: one row per label, never deleted, so that its token only grows. Every write sets a fresh
 * revision: without it, Dolt merges two writes of the same values, and both writers are told that they won.
 */
export const locks = mysqlTable(
  'presence_locks',
  {
    resource_label: varchar({ length: 255 }).primaryKey(),
    token: bigint({ mode: 'number' }).notNull(),
    /**
     * The write key that identifies the claim. Set when the label is taken, freed or renewed, but not when
     * the claim is extended.
     */
    nonce: varchar({ length: 64 }).notNull(),
    /** Changed by every write. */
    revision: varchar({ length: 64 }).notNull(),
    /** 1: taken although others held shared claims. */
    over_shared: int().notNull().default(0),
    /** Null: the label is free. */
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
    /** When its holder last took or extended it. */
    active_at: datetime({ mode: 'date', fsp: 3 }),
    /**
     * 1: taken, but the taker has not yet read whether others hold the label. No session was told that it is
     * held.
     */
    tentative: int().notNull().default(0),
  },
  table => [index('idx_lock_session').on(table.session_id), index('idx_lock_expires').on(table.expires_at)],
)

/**
 * Claims that ended without a release by their session, kept for a day. The session is told at its next call,
 * and all other sessions see which work may be half done. A lapsed claim that was not touched since is still
 * in its own row.
 */
export const ended = mysqlTable(
  'presence_ended',
  {
    session_id: varchar({ length: 128 }).notNull(),
    resource_label: varchar({ length: 255 }).notNull(),
    purpose: text().notNull(),
    claimed_at: datetime({ mode: 'date', fsp: 3 }).notNull(),
    expires_at: datetime({ mode: 'date', fsp: 3 }).notNull(),
    host: varchar({ length: 128 }).notNull(),
    user: varchar({ length: 64 }).notNull(),
    agent_name: varchar({ length: 64 }),
    ttl_seconds: int().notNull(),
    repo: varchar({ length: 255 }),
    branch: varchar({ length: 255 }),
    worktree: varchar({ length: 1024 }),
    /** Null: a shared claim. */
    token: bigint({ mode: 'number' }),
    /**
     * `expired`: it expired and another claim replaced it; `stolen`; `resolved`: it expired and was then
     * resolved.
     */
    ended: varchar({ length: 16 }).notNull(),
    ended_at: datetime({ mode: 'date', fsp: 3 }).notNull(),
    ended_by: varchar({ length: 128 }),
    note: text(),
  },
  table => [
    primaryKey({ columns: [table.session_id, table.resource_label, table.claimed_at] }),
    index('idx_ended_label').on(table.resource_label),
    index('idx_ended_at').on(table.ended_at),
  ],
)

/** The wait queues for exclusive claims. A waiter whose row expires has left its queue. */
export const waiters = mysqlTable(
  'presence_waiters',
  {
    resource_label: varchar({ length: 255 }).notNull(),
    waiter_id: varchar({ length: 64 }).notNull(),
    session_id: varchar({ length: 128 }).notNull(),
    queued_at: datetime({ mode: 'date', fsp: 3 }).notNull(),
    expires_at: datetime({ mode: 'date', fsp: 3 }).notNull(),
  },
  table => [primaryKey({ columns: [table.resource_label, table.waiter_id] })],
)

/**
 * The history of claims: rows are added, and deleted after 30 days. The key is the event itself, so that an
 * event that is written twice exists once.
 */
export const events = mysqlTable(
  'presence_events',
  {
    resource_label: varchar({ length: 255 }).notNull(),
    at: datetime({ mode: 'date', fsp: 3 }).notNull(),
    session_id: varchar({ length: 128 }).notNull(),
    event: varchar({ length: 16 }).notNull(),
    host: varchar({ length: 128 }).notNull(),
    user: varchar({ length: 64 }).notNull(),
    agent_name: varchar({ length: 64 }),
    purpose: text().notNull(),
    token: bigint({ mode: 'number' }),
    /**
     * The other sessions that the event concerns: the holder it was stolen from, the sessions whose lapsed
     * claims were resolved, or the holders that were there already.
     */
    others: text(),
    note: text(),
  },
  table => [
    primaryKey({ columns: [table.resource_label, table.at, table.session_id, table.event] }),
    index('idx_event_at').on(table.at),
    index('idx_event_session').on(table.session_id, table.at),
  ],
)

/** Rows as the driver returns them. */
export type ClaimRow = typeof claims.$inferSelect
export type SessionRow = typeof sessions.$inferSelect
export type LockRow = typeof locks.$inferSelect
export type EndedRow = typeof ended.$inferSelect
export type EventRow = typeof events.$inferSelect
