import { TTL_SECONDS_DEFAULT } from '../../domain/limits.ts'
import {
  bigInteger,
  hugeText,
  integer,
  longText,
  nullable,
  type RowOf,
  table,
  text,
  time,
  withDefault,
} from './table.ts'

const label = text(255)
const session = text(128)
const host = text(128)
const user = text(64)
const agent = text(64)
const key = text(64)

/** Where a session works. */
const PLACE = {
  repo: nullable(text(255)),
  branch: nullable(text(255)),
  worktree: nullable(text(1024)),
}

/**
 * The first eight columns are the 8-column table: the table of an earlier tool, which presence took over with
 * its rows. The clients of the 8-column table still write rows with REPLACE INTO, so every later column needs
 * a default.
 */
export const claims = table(
  'presence_claims',
  {
    session_id: session,
    resource_label: label,
    purpose: longText,
    claimed_at: withDefault(time, 'now'),
    expires_at: time,
    host,
    user,
    agent_name: withDefault(nullable(agent), 'claude-code'),
    ttl_seconds: withDefault(integer, TTL_SECONDS_DEFAULT),
    lapsed_at: nullable(time),
    ...PLACE,
    /**
     * The keys of this claim's writes that were not taken back. Null: written by a client without write keys.
     */
    write_keys: nullable(text(512)),
    /**
     * 1: the guard made the claim for a command. 2: the same, but the guard has not decided on the command yet, and the
     * claim was made by hand before it lapsed. 0: made by hand.
     */
    automatic: withDefault(integer, 0),
    /** The latest time to which a heartbeat extends an automatic claim. Null: no limit. */
    hold_until: nullable(time),
    /**
     * How the last command of an automatic claim ended: `succeeded`, `failed`, or `ended` if that isn't known. Null: a
     * command is running, or no end was seen.
     */
    outcome: nullable(text(16)),
    /** The exit status of the last command that failed, else of the one that ended last. */
    exit_status: nullable(integer),
    /** The last command that failed, as in `presence_commands.purpose`. */
    failed_command: nullable(longText),
  },
  {
    key: ['session_id', 'resource_label'],
    indexes: { idx_resource: ['resource_label'], idx_expires: ['expires_at'] },
  },
)

/**
 * Calls that were made, so that a call that is sent again isn't made twice: outbox entries, and calls with an
 * idempotency key.
 */
export const replays = table(
  'presence_replays',
  {
    /** The id of the outbox entry, or the idempotency key. */
    operation_id: key,
    replayed_at: time,
    /** Unique to one attempt: if two transactions insert the same row, Dolt lets both commit. */
    attempt: nullable(key),
    /** Null in the row of an outbox entry, and so are the following columns. */
    session_id: nullable(session),
    call_name: nullable(text(32)),
    /** A hash of the input: the key is for this call only. */
    input_hash: nullable(text(64)),
    /** The answer as JSON, for the attempts that follow. */
    answer: nullable(hugeText),
  },
  { key: ['operation_id'], indexes: { idx_replayed: ['replayed_at'] } },
)

/** Registered sessions, including those that have ended. */
export const sessions = table(
  'presence_sessions',
  {
    session_id: session,
    host,
    user,
    agent_name: agent,
    ...PLACE,
    started_at: time,
    last_heartbeat: time,
    ended_at: nullable(time),
    role: nullable(text(64)),
  },
  { key: ['session_id'], indexes: { idx_last_heartbeat: ['last_heartbeat'] } },
)

/**
 * Which token of a presence server a session belongs to: the one that first acted as it. Only tokens for their
 * own sessions have rows here, and only presence servers read them.
 */
export const sessionTokens = table(
  'presence_session_tokens',
  {
    session_id: session,
    /** The token's name, never the token: a token that is replaced under its name keeps its sessions. */
    token: key,
    bound_at: time,
    /** When the token last acted as the session, to the day. */
    used_at: time,
  },
  { key: ['session_id'], indexes: { idx_session_token_used: ['used_at'] } },
)

/**
 * Exclusive claims: one row per label, never deleted, so that its token only grows. Every write sets a fresh
 * revision: without it, Dolt merges two writes of the same values, and both writers are told that they won.
 */
export const locks = table(
  'presence_locks',
  {
    resource_label: label,
    token: bigInteger,
    /**
     * The write key that identifies the claim. Set when the label is taken, freed or renewed, but not when
     * the claim is extended.
     */
    nonce: key,
    /** Changed by every write. */
    revision: key,
    /** 1: taken although others held shared claims. */
    over_shared: withDefault(integer, 0),
    /** Null: the label is free. */
    session_id: nullable(session),
    purpose: nullable(longText),
    claimed_at: nullable(time),
    expires_at: time,
    ttl_seconds: integer,
    host: nullable(host),
    user: nullable(user),
    agent_name: nullable(agent),
    ...PLACE,
    /** When its holder last took or extended it. */
    active_at: nullable(time),
    /**
     * 1: taken, but the taker has not yet read whether others hold the label. No session was told that it is
     * held.
     */
    tentative: withDefault(integer, 0),
  },
  {
    key: ['resource_label'],
    indexes: { idx_lock_session: ['session_id'], idx_lock_expires: ['expires_at'] },
  },
)

/**
 * Claims that ended without a release by their session, kept for a day. The session is told at its next claim
 * or heartbeat, and all other sessions see which work may be half done. A lapsed claim that was not touched
 * since is still in its own row.
 */
export const ended = table(
  'presence_ended',
  {
    session_id: session,
    resource_label: label,
    purpose: longText,
    claimed_at: time,
    expires_at: time,
    host,
    user,
    agent_name: nullable(agent),
    ttl_seconds: integer,
    ...PLACE,
    /** Null: a shared claim. */
    token: nullable(bigInteger),
    /**
     * `expired`: it expired and another claim replaced it; `stolen`; `resolved`: it expired and was then
     * resolved.
     */
    ended: text(16),
    ended_at: time,
    ended_by: nullable(session),
    note: nullable(longText),
  },
  {
    key: ['session_id', 'resource_label', 'claimed_at'],
    indexes: { idx_ended_label: ['resource_label'], idx_ended_at: ['ended_at'] },
  },
)

/** The wait queues for exclusive claims. A waiter whose row expires has left its queue. */
export const waiters = table(
  'presence_waiters',
  { resource_label: label, waiter_id: key, session_id: session, queued_at: time, expires_at: time },
  { key: ['resource_label', 'waiter_id'] },
)

/**
 * The history of claims: rows are added, and deleted after 30 days. The key is the event itself, so that an
 * event that is written twice exists once.
 */
export const events = table(
  'presence_events',
  {
    resource_label: label,
    at: time,
    session_id: session,
    event: text(16),
    host,
    user,
    agent_name: nullable(agent),
    purpose: longText,
    token: nullable(bigInteger),
    /**
     * The other sessions that the event concerns: the holder it was stolen from, the sessions whose lapsed
     * claims were resolved, or the holders that were there already.
     */
    others: nullable(longText),
    note: nullable(longText),
    /**
     * `auto`: the event of an automatic claim. `paused`, `proceeded` or `refused`: a decision of the guard, whose `event`
     * is `refused`, because clients without this column take an event that they don't know for a claim.
     */
    detail: nullable(text(16)),
  },
  {
    key: ['resource_label', 'at', 'session_id', 'event'],
    indexes: { idx_event_at: ['at'], idx_event_session: ['session_id', 'at'] },
  },
)

/** The commands that the guard decided on: a row for each label of a command, kept for 90 days. */
export const commands = table(
  'presence_commands',
  {
    /** Made of session, call and label, so that a call that is sent twice has the same rows. */
    event_id: key,
    /** Unique to one attempt: if two transactions insert the same row, Dolt lets both commit. */
    attempt: key,
    session_id: session,
    /** The agent's id of the tool call. */
    call_id: text(128),
    subagent: nullable(text(128)),
    resource_label: label,
    kind: text(32),
    purpose: longText,
    /** The guard's mode: `note`, `pause`, `deny` or `require`. */
    mode: text(16),
    /** `through` or `refused`: the decision on the whole command. */
    decision: text(16),
    /** Why this label refused the command: `paused`, `denied`, `required` or `exclusive`. */
    reason: nullable(text(16)),
    /** 1: it went through although others were there of whom its agent was told. */
    proceeded: withDefault(integer, 0),
    /** 1: a paused command that went through later although the others were still there. */
    passed: withDefault(integer, 0),
    /** `by-hand`, `auto` or `none`: how the label was claimed. */
    covered_by: text(16),
    /** 1: others were there. */
    collided: withDefault(integer, 0),
    /** `refused`, `running`, `background`, `succeeded`, `failed` or `ended`. */
    state: text(16),
    started_at: time,
    /** Until when it can be running: its time limit is over then. */
    runs_until: time,
    ended_at: nullable(time),
    exit_status: nullable(integer),
    /** 1: somebody marked the decision as wrong, with a note. */
    wrong: withDefault(integer, 0),
    note: nullable(longText),
  },
  {
    key: ['event_id'],
    indexes: {
      idx_command_call: ['session_id', 'call_id'],
      idx_command_label: ['session_id', 'resource_label'],
      idx_command_started: ['started_at'],
    },
  },
)

export type ClaimRow = RowOf<typeof claims>
export type SessionRow = RowOf<typeof sessions>
export type LockRow = RowOf<typeof locks>
export type EventRow = RowOf<typeof events>
export type CommandRow = RowOf<typeof commands>
export type ReplayRow = RowOf<typeof replays>
