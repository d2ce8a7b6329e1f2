import type { Deadline } from '../deadline.ts'
import type { Snapshot } from '../domain/claim.ts'
import type { Label } from '../domain/label.ts'
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

/** Which live claims a read is about. */
export type Scope =
  | { readonly label: Label }
  | { readonly kind: string }
  | { readonly whole: true }
  | { readonly mine: true }

/**
 * Where claims are kept. Each method is one statement in autocommit: what a verb promises rests on their order,
 * and an order that a transaction would undo is the one that leaves sessions blind to each other.
 * Times are the store's own. Every method ends within its deadline and throws `PresenceError` only.
 */
export interface Store {
  /** Writes the session's claim. A live one keeps `claimedAt` and never ends sooner; an expired one begins anew. */
  put(own: OwnClaim, deadline: Deadline): Promise<void>
  /** Extends each live claim of the session by its own ttl. Returns how many those are. */
  extend(sessionId: string, deadline: Deadline): Promise<number>
  /** The same for its exclusive claims, or for the one on a label that has this token. */
  extendLocks(
    sessionId: string,
    only: { readonly label: string; readonly token: number } | undefined,
    deadline: Deadline,
  ): Promise<number>
  /**
   * Takes the exclusive claim on a label, with the next token, if nobody holds it. Only `lock` tells whether it did: by the
   * nonce, for a statement whose answer was lost is sent again.
   */
  take(own: OwnClaim, nonce: string, deadline: Deadline): Promise<void>
  /** Makes the row of a label's exclusive claim, free, where there is none. */
  makeLock(label: string, nonce: string, deadline: Deadline): Promise<void>
  /** The exclusive claim on a label; undefined where nobody ever took it. */
  lock(label: string, deadline: Deadline): Promise<Lock | undefined>
  /** Frees the session's exclusive claims: on this label, with this token, where these are given. The tokens stay. */
  free(
    sessionId: string,
    only: { readonly label?: string; readonly token?: number },
    deadline: Deadline,
  ): Promise<void>
  /** Frees the exclusive claim that this nonce took, if nobody took it since. */
  withdraw(label: string, nonce: string, deadline: Deadline): Promise<void>
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
  /** Deletes the session's claim on this label, live or lapsed, or without one all of its claims. */
  remove(sessionId: string, label: string | undefined, deadline: Deadline): Promise<void>
  /**
   * Live claims in scope, the session's own ones (live or lapsed), and every live claim beside those:
   * whoever reads learns of its co-claims too (G1).
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
  /** Deletes at most `rows` claims that lapsed more than a day ago, and as many sessions that were not heard of for 30. Returns how many claims went. */
  prune(rows: number, deadline: Deadline): Promise<number>
  close(): Promise<void>
}
