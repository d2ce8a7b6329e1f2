import type { Deadline } from '../../deadline.ts'
import type { Lock } from '../../domain/lock.ts'
import type { Session } from '../../domain/session.ts'
import type { Once } from './once.ts'

/** A claim to write. */
export interface OwnClaim {
  readonly session: Session
  /** The label as the board stores it. */
  readonly label: string
  readonly purpose: string
  readonly ttlSeconds: number
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

/**
 * The exclusive claims: one row per label, whose token only grows. Only `read` tells who holds a label, by
 * the write key (the column `nonce`) with which it was taken: Dolt's affected rows don't tell, and a
 * statement whose answer was lost is sent again.
 */
export interface Locks {
  /**
   * Takes a free label with the next token, unless another waiter is ahead of `waiter`. The claim is
   * tentative until its taker confirms it: heartbeats don't extend it, and no session is told that the label
   * is held.
   */
  take(
    own: OwnClaim,
    how: { readonly writeKey: string; readonly overShared: boolean; readonly waiter: Waiter | undefined },
    deadline: Deadline,
  ): Promise<void>
  /**
   * Takes a label from the claim with this token, if that claim still holds it, and records how it ended:
   * both or neither. A label taken from an expired claim is held tentatively at first. With `once`, the
   * answer is stored too, if the label was taken.
   */
  takeOver(
    own: OwnClaim,
    how: { readonly writeKey: string; readonly overShared: boolean },
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
   * Frees the tentative claim with this write key, no matter which session took it. Its taker's `confirm`
   * then fails.
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
    only: { readonly label?: string; readonly token?: number; readonly writeKey?: string },
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
  leave(label: string, waiter: Waiter, deadline: Deadline): Promise<void>
}
