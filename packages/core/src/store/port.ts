import type { Deadline } from '../deadline.ts'
import type { Snapshot } from '../domain/claim.ts'
import type { HistoryEvent } from '../domain/history.ts'
import type { Lock } from '../domain/lock.ts'
import type { QueuedOperation } from '../domain/operation.ts'
import type { RegisteredSession } from '../domain/seen.ts'
import type { Session } from '../domain/session.ts'

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
 * (`held`: the same for less), a kind, all, or those beside one's own.
 */
export type Scope =
  | { readonly label: string }
  | { readonly held: string }
  | { readonly kind: string }
  | { readonly whole: true }
  | { readonly mine: true }

/** A place in the queue for an exclusive claim. */
export interface Waiter {
  readonly id: string
  readonly sessionId: string
}

/** A claim of another that makes way: it had expired, or it is stolen, and why. */
export type MakesWay =
  | { readonly token: number; readonly how: 'expired' }
  | { readonly token: number; readonly how: 'stolen'; readonly reason: string }

/**
 * The exclusive claims: one row a label, whose token only grows. Who holds it is told by `read` alone, by the nonce that it
 * was taken with: affected rows tell nothing on Dolt, and a statement whose answer was lost is sent again.
 */
export interface Locks {
  /** Takes a label that is free, with the next token, unless somebody waits for it before `waiter`. */
  take(
    own: OwnClaim,
    how: { readonly nonce: string; readonly overShared: boolean; readonly waiter: Waiter | undefined },
    deadline: Deadline,
  ): Promise<void>
  /** Takes a label from the claim that has this token, if that is still so, and notes how it ended: both or neither. */
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
  /** Says anew what the live claim with this token is for and how long it lives: never ends it sooner. */
  renew(own: OwnClaim, token: number, deadline: Deadline): Promise<void>
  /** Extends the session's live exclusive claims, or the one on a label that has this token. */
  extend(
    sessionId: string,
    only: { readonly label: string; readonly token: number } | undefined,
    deadline: Deadline,
  ): Promise<void>
  /**
   * Frees the session's exclusive claims: on this label, with this token, where these are given. The tokens stay.
   *
   * @returns how many there were
   */
  free(
    sessionId: string,
    only: { readonly label?: string; readonly token?: number },
    deadline: Deadline,
  ): Promise<number>
  /** Frees the claim that this nonce took, if nobody took it since. */
  withdraw(label: string, nonce: string, deadline: Deadline): Promise<void>
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

/** What became of claims. */
export interface History {
  /** Adds events; one that is there already stays as it is. */
  record(events: readonly HistoryEvent[], deadline: Deadline): Promise<void>
  /** The latest first, and the database's now. */
  log(filter: EventFilter, deadline: Deadline): Promise<{ events: readonly HistoryEvent[]; asOf: Date }>
  /** Clears what had lapsed on a label by the event's time, and notes who did and why: all of it or nothing. */
  resolve(event: HistoryEvent, deadline: Deadline): Promise<void>
  /** Forgets how claims of the session ended without it: on this label, or on all. */
  forget(sessionId: string, label: string | undefined, deadline: Deadline): Promise<void>
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
  /** Writes the session's claim. A live one keeps `claimedAt` and never ends sooner; an expired one begins anew. */
  put(own: OwnClaim, deadline: Deadline): Promise<void>
  /** Extends each live claim of the session by its own ttl. Returns how many those are. */
  extend(sessionId: string, deadline: Deadline): Promise<number>
  /** Notes that the session is there, from now on if it wasn't. */
  register(session: Session, deadline: Deadline): Promise<void>
  /** Notes that a registered session is heard of. One that isn't registered is left so. */
  touch(sessionId: string, deadline: Deadline): Promise<void>
  /** Notes that a registered session has ended. */
  end(sessionId: string, deadline: Deadline): Promise<void>
  /** The registered sessions that have not ended and were heard of within a day. */
  sessions(deadline: Deadline): Promise<readonly RegisteredSession[]>
  /** Forgets that live claims of the session took the place of lapsed ones. */
  forgetLapses(sessionId: string, deadline: Deadline): Promise<void>
  /** Undoes a claim that was just put: one that had taken the place of a lapsed one is that again, any other goes. */
  undo(sessionId: string, label: string, deadline: Deadline): Promise<void>
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
  replay(operation: QueuedOperation, saidAt: Date, deadline: Deadline): Promise<boolean>
  /**
   * Deletes at most `rows` claims that lapsed more than a day ago, with an event for each, and as many of everything else
   * whose time has come. Returns how many claims went.
   */
  prune(rows: number, deadline: Deadline): Promise<number>
  close(): Promise<void>
}
