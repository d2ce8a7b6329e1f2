import type { Deadline } from '../../deadline.ts'
import type { Snapshot } from '../../domain/claim.ts'
import type { Said } from '../../domain/operation.ts'
import type { RegisteredSession, SessionState } from '../../domain/seen.ts'
import type { Session } from '../../domain/session.ts'
import type { CircuitBreaker } from '../circuit-breaker.ts'
import type { Commands } from './commands.ts'
import type { Coordination } from './coordination.ts'
import type { History } from './history.ts'
import type { Locks, OwnClaim } from './locks.ts'
import type { Made, Once } from './once.ts'
import type { SessionTokens } from './session-tokens.ts'

/**
 * Which claims a read returns, besides the session's own claims and those on the same labels:
 * - `label`: those on a label; with `near` also those on labels that overlap with it, or may be the same.
 * - `held`: those on a label that the session has just written a claim on. This costs less, and also returns
 *   tentative claims, the session's shared claim beside its exclusive one, and the live claims on labels that overlap
 *   with it, or may be the same.
 * - `guarded`: as `held`, for several labels.
 * - `kind`: those on the labels of a kind.
 * - `whole`: all.
 * - `latest`: that many of the latest.
 * - `mine`: no others.
 * - `ended`: only those on the labels of the session's claims that ended without a release.
 */
export type Scope =
  | { readonly label: string; readonly near?: true }
  | { readonly held: string }
  | { readonly guarded: readonly string[] }
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

/** The claims that a session gives up when it releases a label, or all labels if none is given. */
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

/** A claim's values before a write that is taken back. */
export interface Before {
  readonly purpose: string
  readonly ttlSeconds: number
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
  /** Loaded at the first call, because only presence servers need it. */
  sessionTokens(): Promise<SessionTokens>
  /** The guard's commands and claims. Loaded at the first call, because few commands need it. */
  commands(): Promise<Commands>
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
  /** Stores the answer to a keyed call that changes nothing. @returns false if an attempt is stored already */
  note(once: Once, deadline: Deadline): Promise<boolean>
  /** The stored record of a keyed call and its time; undefined if no attempt was made. Kept for an hour. */
  made(key: string, deadline: Deadline): Promise<Made | undefined>
  /**
   * Returns the live claims that `scope` selects, the session's own claims (live, lapsed or ended without a release), and
   * every live claim on the same labels as these: every reader learns of its co-claims (G1). Unless the scope
   * is `mine`, it also returns the latest lapsed claims that it selects.
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
