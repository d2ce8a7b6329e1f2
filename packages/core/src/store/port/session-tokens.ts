import type { Deadline } from '../../deadline.ts'

/** Which token a session belongs to. */
export interface Owner {
  /** The name of the session's token; undefined if it belongs to none. */
  readonly token: string | undefined
  /**
   * Whether the session has live claims or waits for one, lost one within a day without a release, or is registered
   * and neither ended nor inactive.
   */
  readonly isThere: boolean
  /** Whether the token has not acted as the session for a day. */
  readonly isOld: boolean
}

/**
 * Which token of a presence server each session belongs to, for tokens that act for their own sessions. A row
 * is kept until no token has acted as the session for 30 days.
 */
export interface SessionTokens {
  ownerOf(sessionId: string, deadline: Deadline): Promise<Owner>
  /**
   * Gives the session to the token, unless it belongs to a token already, or is there without one. If several
   * tokens ask for it at once, one of them gets it: `ownerOf` tells which.
   *
   * @param from the token whose session it is now, if that token no longer counts
   */
  take(sessionId: string, token: string, from: string | undefined, deadline: Deadline): Promise<void>
  /** Records that the session's token acts as it now. */
  use(sessionId: string, token: string, deadline: Deadline): Promise<void>
}
