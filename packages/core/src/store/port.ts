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
import type { Gate } from './gate.ts'

/** What a session puts on the board. */
export interface OwnClaim {
  readonly session: Session
  /** As it stands on the board. */
  readonly label: string
  readonly purpose: string
  readonly ttlSeconds: number
}

/**
 * Which live claims a read is about: a label as it stands on the board, one that the session has just written a claim on
 * (`held`: the same for less, and with all that stands there: also tentative claims, and a session's shared claim beside its
 * exclusive one), a kind, all, the latest so many
 * and those beside one's own, only the latter, or those on the labels of claims of the session that ended without a
 * release (`ended`).
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
 * Which of the registered sessions: those that are `there` (they have not ended and were seen within a day), those that
 * are `gone` (ended, or not seen for a day) and hold no live claim, or all that are `kept`.
 */
export interface SessionFilter {
  readonly which: 'there' | 'gone' | 'kept'
  /** So many in the order of their ids, behind this one; all of them, in no order, unless told. */
  readonly page?: { readonly rows: number; readonly after: string }
}

/** A place in the queue for an exclusive claim. */
export interface Waiter {
  readonly id: string
  readonly sessionId: string
}

/** A claim of another that makes way: it had expired, or it is stolen, and why. */
export type MakesWay =
  | { readonly token: number; readonly how: 'expired' }
  | { readonly token: number; readonly how: 'stolen'; readonly reason: string }

/** What a claim said before a write that is taken back. */
export interface Before {
  readonly purpose: string
  readonly ttlSeconds: number
}

/**
 * The exclusive claims: one row a label, whose token only grows. Who holds it is told by `read` alone, by the nonce that it
 * was taken with: affected rows tell nothing on Dolt, and a statement whose answer was lost is sent again.
 */
export interface Locks {
  /**
   * Takes a label that is free, with the next token, unless somebody waits for it before `waiter`. What is taken is tentative
   * until its taker confirms it: heartbeats don't extend it, and nobody is told that it is held.
   */
  take(
    own: OwnClaim,
    how: { readonly nonce: string; readonly overShared: boolean; readonly waiter: Waiter | undefined },
    deadline: Deadline,
  ): Promise<void>
  /**
   * Takes a label from the claim that has this token, if that is still so, and notes how it ended: both or neither. What was
   * expired is taken tentatively.
   */
  takeOver(
    own: OwnClaim,
    how: { readonly nonce: string; readonly overShared: boolean },
    from: MakesWay,
    deadline: Deadline,
  ): Promise<void>
  /**
   * Frees the claim that has this token although its session did not release it, if nothing was done about it for
   * `LOCK_STALE_SECONDS`, and notes who did and why: both or neither.
   */
  clear(
    by: Session,
    from: { readonly label: string; readonly token: number; readonly reason: string },
    nonce: string,
    deadline: Deadline,
  ): Promise<void>
  /** Makes the row of a label, free, where there is none. */
  make(label: string, deadline: Deadline): Promise<void>
  /** The exclusive claim on a label, as it stands for `waiter`; undefined where nobody ever took it. */
  read(label: string, waiter: Waiter | undefined, deadline: Deadline): Promise<Lock | undefined>
  /**
   * Makes the live claim that was taken with this nonce definite. After that only its session's own release, a steal, its expiry
   * or a resolution ends it.
   *
   * @returns whether the claim is still that one
   */
  confirm(label: string, sessionId: string, nonce: string, deadline: Deadline): Promise<boolean>
  /** Frees a tentative claim that was taken with this nonce, whoever took it: its taker's `confirm` then fails. */
  dropTentative(label: string, nonce: string, deadline: Deadline): Promise<void>
  /**
   * Says anew what the live claim with this token is for and how long it lives: never ends it sooner. Sets a nonce that
   * nobody knows, so that no earlier call takes back what is granted now.
   */
  renew(own: OwnClaim, token: number, deadline: Deadline): Promise<void>
  /**
   * Extends the session's live exclusive claims, or the one on a label that has this token.
   *
   * @returns how many there are
   */
  extend(
    sessionId: string,
    only: { readonly label: string; readonly token: number } | undefined,
    deadline: Deadline,
  ): Promise<number>
  /**
   * Frees the session's exclusive claims: on this label, with this token and nonce, where these are given. The tokens stay.
   *
   * @returns how many there were
   */
  free(
    sessionId: string,
    only: { readonly label?: string; readonly token?: number; readonly nonce?: string },
    deadline: Deadline,
  ): Promise<number>
  /**
   * Frees the claim that the session took with this nonce, unless it was confirmed and its session has extended it or claimed it
   * again since: then another process of the session may have been told that it holds the label.
   */
  takeBack(label: string, sessionId: string, nonce: string, deadline: Deadline): Promise<void>
  /** Enters the queue, or says that the waiter is still there; it keeps its place. */
  wait(label: string, waiter: Waiter, deadline: Deadline): Promise<void>
  /** Leaves the queue. */
  leave(label: string, waiter: Waiter, deadline: Deadline): Promise<void>
}

export interface EventFilter {
  readonly label?: string
  /** Whose: what it did, and what concerned it. */
  readonly sessionId?: string
  /** Not older than so many seconds. */
  readonly seconds: number
  /** The latest so many. */
  readonly rows: number
}

/** Which events a follower reads. */
export interface EventsSince {
  readonly label?: string | undefined
  readonly since: Date
  /** At most so many. */
  readonly rows: number
}

/** What became of claims. */
export interface History {
  /** Adds events; one that is there already stays as it is. */
  record(events: readonly HistoryEvent[], deadline: Deadline): Promise<void>
  /** The latest first, and the database's now. */
  log(filter: EventFilter, deadline: Deadline): Promise<{ events: readonly HistoryEvent[]; asOf: Date }>
  /**
   * The earliest events since a moment, with the claims that expired since and have no event yet. One event may come
   * twice. `born`: when the board was made, which tells boards apart.
   */
  since(filter: EventsSince, deadline: Deadline): Promise<{ events: readonly HistoryEvent[]; born: Date }>
  /** Clears what had lapsed on a label by the event's time, and notes who did and why: all of it or nothing. */
  resolve(event: HistoryEvent, deadline: Deadline): Promise<void>
  /** Forgets how claims of the session ended without it: on this label, or on all. */
  forget(sessionId: string, label: string | undefined, deadline: Deadline): Promise<void>
}

/** A message as it is sent: who is unread for whom is the store's to know. */
export type NewMessage = Omit<Message, 'sentAt'>

/** Which messages a session finds: those to it, and those to many that are not its own. */
export interface InboxFilter {
  readonly sessionId: string
  readonly unreadOnly: boolean
  /** Of those to one project, only to this. */
  readonly project: string | undefined
  readonly kinds: readonly MessageKind[] | undefined
  readonly rows: number
  /** Earlier than this: when it was sent, in milliseconds since 1970, and its id. */
  readonly before: Position | undefined
  /** Not these, and what is to the session before what is to many. Only of what is unread. */
  readonly except: readonly string[] | undefined
}

/** What sessions say to one another. A message that is sent again, and one that is read again, changes nothing. */
/** Whom a message is to: one session, or many. */
export type Addressee =
  | { readonly toMany: false; readonly session: string }
  | { readonly toMany: true; readonly session: undefined }

export interface Messages {
  send(message: NewMessage, deadline: Deadline): Promise<void>
  /** Of these, the ones that the session sent or may read. */
  find(ids: readonly string[], sessionId: string, deadline: Deadline): Promise<Read<Received>>
  /** Whom a message is to; undefined where there is none. */
  addressee(id: string, deadline: Deadline): Promise<Addressee | undefined>
  /** The latest first. */
  inbox(filter: InboxFilter, deadline: Deadline): Promise<Read<Received>>
  unread(sessionId: string, project: string | undefined, deadline: Deadline): Promise<number>
  /** Notes that the session has read these, or all that it hasn't. Returns how many that were. */
  markRead(sessionId: string, ids: readonly string[] | undefined, deadline: Deadline): Promise<number>
}

/** Rows, and the database's now that they were read at. */
export interface Read<Row> {
  readonly rows: readonly Row[]
  readonly asOf: Date
}

export interface NewState extends Omit<Component, 'updatedAt'> {
  /** The state's own: one that is set again changes nothing. */
  readonly id: string
}

/** A state that a component was set to. */
export interface PastState extends Component {
  readonly id: string
}

export interface Components {
  /** Adds a state to the component's history, which then shows the latest of it: both or neither. */
  set(state: NewState, deadline: Deadline): Promise<void>
  find(project: string, component: string, deadline: Deadline): Promise<Component | undefined>
  /** What was said with this id, of whatever component. */
  said(id: string, deadline: Deadline): Promise<PastState | undefined>
  /** By project and name. @param after the name that the page before it ended with, behind its project and a `~` */
  list(
    filter: {
      readonly project: string | undefined
      readonly rows: number
      readonly after: string | undefined
    },
    deadline: Deadline,
  ): Promise<Read<Component>>
  /** Those that changed last, the latest first. */
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

/** A row that is changed only as it was read: every write sets its revision anew. Until the first one it is its id. */
export interface Revised<Row> {
  readonly row: Row
  readonly revision: string
}

export interface WorkFilter {
  readonly project: string | undefined
  readonly statuses: readonly string[] | undefined
  /** Of items: only those of this workflow. */
  readonly workflowId?: string | undefined
  readonly assignedTo?: string | undefined
  readonly rows: number
  readonly after: Position | undefined
}

/** A row before it is on the board, which gives it its times. */
export type Unsaved<Row> = Omit<Row, 'createdAt' | 'updatedAt'>

/** Workflows or items, each kept as a row. */
export interface Work<Row> {
  /** Adds it; one that is there already stays as it is. */
  add(row: Unsaved<Row>, deadline: Deadline): Promise<void>
  find(id: string, deadline: Deadline): Promise<Revised<Row> | undefined>
  /** Workflows: the latest made first. Items: by priority, then the earliest made first. */
  list(filter: WorkFilter, deadline: Deadline): Promise<Read<Row>>
  /**
   * Writes the row anew, if it is still of this status and revision.
   *
   * @returns whether it was
   */
  change(row: Row, was: Revised<Row>, revision: string, deadline: Deadline): Promise<boolean>
}

export interface WorkItems extends Work<WorkItem> {
  /** How many items of each status each of these workflows has. */
  counts(
    workflowIds: readonly string[],
    deadline: Deadline,
  ): Promise<readonly { readonly workflowId: string; readonly status: ItemStatus; readonly count: number }[]>
}

/** What sessions tell one another beside claims. */
export interface Coordination {
  readonly messages: Messages
  readonly components: Components
  readonly workflows: Work<Workflow>
  readonly items: WorkItems
}

/**
 * Where claims are kept. Each method is one statement in autocommit unless it says otherwise: what a verb
 * promises rests on their order, and an order that a transaction would undo is the one that leaves sessions blind to each
 * other.
 * Times are the store's own. Every method ends within its deadline and throws `PresenceError` only.
 */
export interface Store {
  readonly locks: Locks
  readonly history: History
  /** Loaded when it is first asked for: few commands need it. */
  coordination(): Promise<Coordination>
  /**
   * Writes the session's claim. A live one keeps `claimedAt` and the longer of the two ttls, and never ends sooner; an expired one
   * begins anew. The write key joins those of the claim's earlier writes: processes of one session share the row, and each takes
   * back only its own write.
   */
  put(own: OwnClaim, writeKey: string, deadline: Deadline): Promise<void>
  /** Extends each live claim of the session by its own ttl. Returns how many those are. */
  extend(sessionId: string, deadline: Deadline): Promise<number>
  /** Notes that the session is there, from now on if it wasn't. */
  register(session: Session, deadline: Deadline): Promise<void>
  /** Notes that a registered session is heard of. One that isn't registered is left so. */
  touch(sessionId: string, deadline: Deadline): Promise<void>
  /** Notes that a registered session has ended. */
  end(sessionId: string, deadline: Deadline): Promise<void>
  sessions(filter: SessionFilter, deadline: Deadline): Promise<readonly RegisteredSession[]>
  /** How many sessions are in each state, as `sessionsIn` tells them apart, counted by the database. */
  countSessions(deadline: Deadline): Promise<Readonly<Record<SessionState, number>>>
  /** This session, if it is registered and kept: one row by its key, however many there are. */
  registered(sessionId: string, deadline: Deadline): Promise<RegisteredSession | undefined>
  /** Forgets that live claims of the session took the place of lapsed ones. */
  forgetLapses(sessionId: string, deadline: Deadline): Promise<void>
  /**
   * Undoes a write that was refused. The claim goes once no write of it is left; one that had taken the place of a lapsed one is
   * that again.
   */
  undo(sessionId: string, label: string, writeKey: string, deadline: Deadline): Promise<void>
  /**
   * Ends what one write claimed: the claim goes once no write of it is left.
   *
   * @param before what the claim says from then on, if nobody wrote it since
   * @returns whether it went
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
  /** Deletes the session's claim on this label, live or lapsed, or without one all of its claims. */
  remove(sessionId: string, label: string | undefined, deadline: Deadline): Promise<void>
  /**
   * Live claims in scope, the session's own ones (live, lapsed or ended otherwise), and every live claim beside those:
   * whoever reads learns of its co-claims too (G1). With a scope that isn't `mine`, the latest lapsed claims in it too.
   */
  read(scope: Scope, sessionId: string, deadline: Deadline): Promise<Snapshot>
  /** The database's now, on a board of this code's schema. */
  now(deadline: Deadline): Promise<Date>
  /**
   * Does what a session said at a moment of the database's time as it would have been done then, unless it was done already: in one
   * transaction with the note that it was, so that it happens once however often it is tried. The label was checked
   * when it was said.
   *
   * @returns whether it was done now
   */
  replay(operation: Said, saidAt: Date, deadline: Deadline): Promise<boolean>
  /**
   * Deletes at most `rows` claims that lapsed more than a day ago, with an event for each, and as many of everything else
   * whose time has come. Returns how many claims went.
   */
  prune(rows: number, deadline: Deadline): Promise<number>
  close(): Promise<void>
  /** What its callers pass, where many share it. */
  readonly gate?: Gate | undefined
}
