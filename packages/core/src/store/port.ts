import type { Deadline } from '../deadline.ts'
import type { Snapshot } from '../domain/claim.ts'
import type { Component } from '../domain/component.ts'
import type { HistoryEvent } from '../domain/history.ts'
import type { Lock } from '../domain/lock.ts'
import type { Message, MessageKind, Received } from '../domain/message.ts'
import type { Said } from '../domain/operation.ts'
import type { Position } from '../domain/page.ts'
import type { RegisteredSession, SessionState } from '../domain/seen.ts'
import type { Session } from '../domain/session.ts'
import type { ItemStatus, Workflow, WorkItem } from '../domain/work.ts'
import type { CircuitBreaker } from './circuit-breaker.ts'

/** A claim to write. */
export interface OwnClaim {
  readonly session: Session
  /** The label as the board stores it. */
  readonly label: string
  readonly purpose: string
  readonly ttlSeconds: number
}

/**
 * Which claims a read returns, besides the session's own claims and those on the same labels:
 * - `label`: those on a label.
 * - `held`: those on a label that the session has just written a claim on. This costs less, and also returns
 *   tentative claims and the session's shared claim beside its exclusive one.
 * - `kind`: those on the labels of a kind.
 * - `whole`: all.
 * - `latest`: that many of the latest.
 * - `mine`: no others.
 * - `ended`: only those on the labels of the session's claims that ended without a release.
 */
export type Scope =
  | { readonly label: string }
  | { readonly held: string }
  | { readonly kind: string }
  | { readonly whole: true }
  | { readonly latest: number }
  | { readonly mine: true }
  | { readonly ended: true }

/**
 * Which registered sessions to return: those that are `there` (they have not ended and were seen within a
 * day), those that are `gone` (ended, or not seen for a day) and hold no live claim, or all that are `kept`.
 */
export interface SessionFilter {
  readonly which: 'there' | 'gone' | 'kept'
  /** At most `rows` sessions in the order of their ids, after this id. @default all, in no order */
  readonly page?: { readonly rows: number; readonly after: string }
}

/** A call with an idempotency key: it is made once, however often it is sent. */
export interface KeyedCall {
  /** Chosen by the client, the same for each attempt. */
  readonly key: string
  readonly sessionId: string
  readonly name: string
  /** A hash of the input: the key is for this call only. */
  readonly inputHash: string
}

/** A keyed call, and what the attempts after the first one answer. */
export interface Once extends KeyedCall {
  /** JSON. */
  readonly answer: string
}

/** What a session gives up when it releases a label, or all labels if none is given. */
export interface Releasing {
  readonly label: string | undefined
  /** Its shared claims. */
  readonly claims: boolean
  /** Its exclusive claims. */
  readonly locks: boolean
  /** Its claims that ended without a release. */
  readonly ended: boolean
  /** The session itself. */
  readonly session: boolean
}

/** A place in the wait queue for an exclusive claim. */
export interface Waiter {
  readonly id: string
  readonly sessionId: string
}

/** Another session's claim that is taken over: it expired, or it is stolen, with the reason. */
export type MakesWay =
  | { readonly token: number; readonly how: 'expired' }
  | { readonly token: number; readonly how: 'stolen'; readonly reason: string }

/** A claim's values before a write that is taken back. */
export interface Before {
  readonly purpose: string
  readonly ttlSeconds: number
}

/**
 * The exclusive claims: one row per label, whose token only grows. Only `read` tells who holds a label, by
 * the write key (`nonce`) with which it was taken: Dolt's affected rows don't tell, and a statement whose
 * answer was lost is sent again.
 */
export interface Locks {
  /**
   * Takes a free label with the next token, unless another waiter is ahead of `waiter`. The claim is
   * tentative until its taker confirms it: heartbeats don't extend it, and no session is told that the label
   * is held.
   */
  take(
    own: OwnClaim,
    how: { readonly nonce: string; readonly overShared: boolean; readonly waiter: Waiter | undefined },
    deadline: Deadline,
  ): Promise<void>
  /**
   * Takes a label from the claim with this token, if that claim still holds it, and records how it ended:
   * both or neither. A label taken from an expired claim is held tentatively at first. With `once`, the answer
   * is stored too, if the label was taken.
   */
  takeOver(
    own: OwnClaim,
    how: { readonly nonce: string; readonly overShared: boolean },
    from: MakesWay,
    deadline: Deadline,
    once?: Once,
  ): Promise<void>
  /**
   * Frees the idle claim with this token, if its session hasn't touched it for `LOCK_STALE_SECONDS`, and
   * records who freed it and why: both or neither.
   */
  clear(
    by: Session,
    from: { readonly label: string; readonly token: number; readonly reason: string },
    writeKey: string,
    deadline: Deadline,
  ): Promise<void>
  /** Creates the row of a label, free, if it doesn't exist. */
  make(label: string, deadline: Deadline): Promise<void>
  /** The exclusive claim on a label, as seen by `waiter`; undefined if the label was never taken. */
  read(label: string, waiter: Waiter | undefined, deadline: Deadline): Promise<Lock | undefined>
  /**
   * Makes the tentative claim with this write key definite, if it is live. After that only its session's own
   * release, a steal, its expiry or a resolution ends it.
   *
   * @returns whether the label is still held by that claim
   */
  confirm(label: string, sessionId: string, writeKey: string, deadline: Deadline): Promise<boolean>
  /**
   * Frees the tentative claim with this write key, whichever session took it. Its taker's `confirm` then
   * fails.
   */
  dropTentative(label: string, writeKey: string, deadline: Deadline): Promise<void>
  /**
   * Updates the purpose and the ttl of the live claim with this token, and never shortens it. Sets a new
   * write key that no caller knows, so that no earlier call can take back what is granted now.
   */
  renew(own: OwnClaim, token: number, deadline: Deadline): Promise<void>
  /**
   * Extends the session's live exclusive claims, or only the one on a label with this token.
   *
   * @returns how many such claims there are
   */
  extend(
    sessionId: string,
    only: { readonly label: string; readonly token: number } | undefined,
    deadline: Deadline,
  ): Promise<number>
  /**
   * Frees the session's exclusive claims, or only those with the given label, token and write key. The tokens
   * stay.
   *
   * @returns how many were freed
   */
  free(
    sessionId: string,
    only: { readonly label?: string; readonly token?: number; readonly nonce?: string },
    deadline: Deadline,
  ): Promise<number>
  /**
   * Frees the claim that the session took with this write key, unless it was confirmed and the session has
   * extended or renewed it since: then another process of the session may have been told that it holds the
   * label.
   */
  takeBack(label: string, sessionId: string, writeKey: string, deadline: Deadline): Promise<void>
  /** Enters the wait queue, or confirms that the waiter still waits; it keeps its place. */
  wait(label: string, waiter: Waiter, deadline: Deadline): Promise<void>
  /** Leaves the wait queue. */
  leave(label: string, waiter: Waiter, deadline: Deadline): Promise<void>
}

export interface EventFilter {
  readonly label?: string
  /** Only events of this session, or that concern it. */
  readonly sessionId?: string
  /** Only events at most this old, in seconds. */
  readonly seconds: number
  /** The most events to return; the latest are returned. */
  readonly rows: number
}

/** Which events a follower reads. */
export interface EventsSince {
  readonly label?: string | undefined
  readonly since: Date
  /** The most events to return. */
  readonly rows: number
}

/** The history of claims. */
export interface History {
  /** Adds events. An event that exists already stays unchanged. */
  record(events: readonly HistoryEvent[], deadline: Deadline): Promise<void>
  /** Returns events, the latest first, and the database's current time. */
  log(filter: EventFilter, deadline: Deadline): Promise<{ events: readonly HistoryEvent[]; asOf: Date }>
  /**
   * Returns the earliest events since a time, including claims that expired since and have no event yet. An
   * event may be returned twice. `born` is when the board was created, which tells boards apart.
   */
  since(filter: EventsSince, deadline: Deadline): Promise<{ events: readonly HistoryEvent[]; born: Date }>
  /**
   * Clears the claims on a label that had lapsed by the event's time, and records who did so and why: all of
   * it or nothing.
   */
  resolve(event: HistoryEvent, deadline: Deadline): Promise<void>
  /** The same for a keyed call. @returns false if it was made before; then nothing changes */
  resolveOnce(event: HistoryEvent, once: Once, deadline: Deadline): Promise<boolean>
  /** Forgets the claims of the session that ended without a release, on this label or on all. */
  forget(sessionId: string, label: string | undefined, deadline: Deadline): Promise<void>
}

/** A message to send. The store sets its time. */
export type NewMessage = Omit<Message, 'sentAt'>

/** Which messages to return: those to the session, and other sessions' broadcasts. */
export interface InboxFilter {
  readonly sessionId: string
  readonly unreadOnly: boolean
  /** Of the broadcasts to a project, only those to this project. */
  readonly project: string | undefined
  readonly kinds: readonly MessageKind[] | undefined
  readonly rows: number
  /** Only messages before this position: the time of sending in milliseconds since 1970, and the id. */
  readonly before: Position | undefined
  /** Ids to leave out. Messages to the session then come before broadcasts. Only with `unreadOnly`. */
  readonly except: readonly string[] | undefined
}

/** The recipients of a message: one session, or many. */
export type Addressee =
  | { readonly toMany: false; readonly session: string }
  | { readonly toMany: true; readonly session: undefined }

/** Messages between sessions. Sending a message again, or marking it as read again, changes nothing. */
export interface Messages {
  send(message: NewMessage, deadline: Deadline): Promise<void>
  /** Of these messages, those that the session sent or may read. */
  find(ids: readonly string[], sessionId: string, deadline: Deadline): Promise<Read<Received>>
  /** The recipients of a message; undefined if there is no such message. */
  addressee(id: string, deadline: Deadline): Promise<Addressee | undefined>
  /** The latest first. */
  inbox(filter: InboxFilter, deadline: Deadline): Promise<Read<Received>>
  unread(sessionId: string, project: string | undefined, deadline: Deadline): Promise<number>
  /**
   * Marks these messages as read by the session, or all its unread ones. Returns how many were newly marked.
   */
  markRead(sessionId: string, ids: readonly string[] | undefined, deadline: Deadline): Promise<number>
}

/** Rows, and the database's time at the read. */
export interface Read<Row> {
  readonly rows: readonly Row[]
  readonly asOf: Date
}

export interface NewState extends Omit<Component, 'updatedAt'> {
  /** Identifies this change: setting the same id again changes nothing. */
  readonly id: string
}

/** A state in a component's history. */
export interface PastState extends Component {
  /** The id of the change that set it. */
  readonly id: string
}

export interface Components {
  /** Adds a state to the component's history and makes the component show the latest one: both or neither. */
  set(state: NewState, deadline: Deadline): Promise<void>
  find(project: string, component: string, deadline: Deadline): Promise<Component | undefined>
  /** The state that was set with this id, of any component. */
  said(id: string, deadline: Deadline): Promise<PastState | undefined>
  /**
   * Ordered by project and name. @param after the project and name that the previous page ended with, joined
   * by `~`
   */
  list(
    filter: {
      readonly project: string | undefined
      readonly rows: number
      readonly after: string | undefined
    },
    deadline: Deadline,
  ): Promise<Read<Component>>
  /** The components that changed last, the latest first. */
  latest(project: string | undefined, rows: number, deadline: Deadline): Promise<Read<Component>>
  /** The latest first. */
  history(
    filter: {
      readonly project: string
      readonly component: string
      readonly rows: number
      readonly before: Position | undefined
    },
    deadline: Deadline,
  ): Promise<Read<PastState>>
}

/**
 * A row, and the revision at which it was read. Every write sets a fresh revision, and a change is made only
 * if the row still has this one. The first revision is the row's id.
 */
export interface Revised<Row> {
  readonly row: Row
  readonly revision: string
}

export interface WorkFilter {
  readonly project: string | undefined
  readonly statuses: readonly string[] | undefined
  /** Only items of this workflow. */
  readonly workflowId?: string | undefined
  readonly assignedTo?: string | undefined
  readonly rows: number
  readonly after: Position | undefined
}

/** A row before the board has set its times. */
export type Unsaved<Row> = Omit<Row, 'createdAt' | 'updatedAt'>

/** Workflows or items, one row each. */
export interface Work<Row> {
  /** Adds a row. One that exists already stays unchanged. */
  add(row: Unsaved<Row>, deadline: Deadline): Promise<void>
  find(id: string, deadline: Deadline): Promise<Revised<Row> | undefined>
  /** Workflows: the latest created first. Items: by priority, then the earliest created first. */
  list(filter: WorkFilter, deadline: Deadline): Promise<Read<Row>>
  /**
   * Replaces the row if it still has this status and revision.
   *
   * @param once records the call in the same transaction
   * @returns whether it was replaced
   */
  change(row: Row, was: Revised<Row>, revision: string, deadline: Deadline, once?: Once): Promise<boolean>
}

export interface WorkItems extends Work<WorkItem> {
  /** The number of items in each status, for each of these workflows. */
  counts(
    workflowIds: readonly string[],
    deadline: Deadline,
  ): Promise<readonly { readonly workflowId: string; readonly status: ItemStatus; readonly count: number }[]>
}

/** What sessions share besides claims. */
export interface Coordination {
  readonly messages: Messages
  readonly components: Components
  readonly workflows: Work<Workflow>
  readonly items: WorkItems
}

/**
 * Stores claims. Each method is one statement in autocommit unless its comment says otherwise: the guarantees
 * rest on the order of statements, and a transaction around them would undo that order and leave sessions
 * blind to each other. Times are the database's own. Every method ends within its deadline and throws only
 * `PresenceError`.
 */
export interface Store {
  readonly locks: Locks
  readonly history: History
  /** Loaded at the first call, because few commands need it. */
  coordination(): Promise<Coordination>
  /**
   * Writes the session's claim. A live claim keeps its `claimedAt` and the longer of the two ttls, and is
   * never shortened; an expired one starts again. The write key is added to those of the claim's earlier
   * writes, because processes of one session share the row and each takes back only its own write.
   */
  put(own: OwnClaim, writeKey: string, deadline: Deadline): Promise<void>
  /** Extends each live claim of the session by its own ttl. Returns how many live claims it has. */
  extend(sessionId: string, deadline: Deadline): Promise<number>
  /**
   * Registers the session as just seen. Its start is now, unless it was registered already and has not ended.
   */
  register(session: Session, deadline: Deadline): Promise<void>
  /** Records that a registered session was just seen. Does nothing for a session that isn't registered. */
  touch(sessionId: string, deadline: Deadline): Promise<void>
  /** Records that a registered session has ended. */
  end(sessionId: string, deadline: Deadline): Promise<void>
  sessions(filter: SessionFilter, deadline: Deadline): Promise<readonly RegisteredSession[]>
  /** The number of sessions in each state, as in `sessionsIn`, counted by the database. */
  countSessions(deadline: Deadline): Promise<Readonly<Record<SessionState, number>>>
  /** This session, if it is registered and kept. Reads one row by its key. */
  registered(sessionId: string, deadline: Deadline): Promise<RegisteredSession | undefined>
  /** Forgets that live claims of the session replaced lapsed ones. */
  forgetLapses(sessionId: string, deadline: Deadline): Promise<void>
  /**
   * Undoes a write that was refused. The claim is removed once none of its writes is left; if it had replaced
   * a lapsed claim, it becomes that lapsed claim again.
   */
  undo(sessionId: string, label: string, writeKey: string, deadline: Deadline): Promise<void>
  /**
   * Takes back one write. The claim is removed once none of its writes is left.
   *
   * @param before the values that the claim gets back if this was its latest write
   * @returns whether the claim was removed
   */
  takeBack(
    sessionId: string,
    label: string,
    writeKey: string,
    before: Before | undefined,
    deadline: Deadline,
  ): Promise<boolean>
  /** Deletes the session's claim on this label if it has lapsed. */
  removeLapsed(sessionId: string, label: string, deadline: Deadline): Promise<void>
  /**
   * Deletes what the session gives up. With `once`, all of it is done together with storing the answer, or
   * none of it.
   *
   * @returns false if the call was made before; then nothing changes
   */
  release(sessionId: string, what: Releasing, deadline: Deadline, once?: Once): Promise<boolean>
  /** What was stored of a keyed call; undefined if no attempt was made. Kept for an hour. */
  made(key: string, deadline: Deadline): Promise<Omit<Once, 'key'> | undefined>
  /**
   * Returns the live claims in scope, the session's own claims (live, lapsed or ended without a release), and
   * every live claim on the same labels as these: every reader learns of its co-claims (G1). Unless the scope
   * is `mine`, it also returns the latest lapsed claims in scope.
   */
  read(scope: Scope, sessionId: string, deadline: Deadline): Promise<Snapshot>
  /** The database's current time, on a board with this code's schema. */
  now(deadline: Deadline): Promise<Date>
  /**
   * Applies an outbox entry as of a time in the database's time, unless it was applied before. The entry and
   * the record that it was applied are written in one transaction, so that it is applied once however often
   * it is sent. Its label was checked when the entry was made.
   *
   * @returns whether it was applied now
   */
  replay(operation: Said, saidAt: Date, deadline: Deadline): Promise<boolean>
  /**
   * Deletes at most `rows` claims that lapsed more than a day ago, with an event for each, and as many rows
   * of every other table whose retention is over. Returns how many claims were deleted.
   */
  prune(rows: number, deadline: Deadline): Promise<number>
  close(): Promise<void>
  /** The circuit breaker that calls pass, if many callers share the store. */
  readonly breaker?: CircuitBreaker | undefined
}
