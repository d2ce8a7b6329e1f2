import type { Board } from '@presence/core'

/** What is known of whoever makes a call. */
export interface Caller {
  /** The id that the call itself names. */
  readonly sessionId: string | undefined
  /** What `coord_register_presence` says besides. */
  readonly role: string | undefined
  readonly worktree: string | undefined
  /** The client's name, where it said one. */
  readonly client: string | undefined
}

/** A board as one session, and what to do once the call was answered. */
export interface OpenedBoard {
  readonly board: Board
  /** What is to be known besides: a queue that was delivered, a file to be mended. */
  readonly notes: readonly string[]
  /** The caller chose the id itself, and nothing tells that it spoke as that before: it may be another's. */
  readonly isNew: boolean
  /** As what it spoke until now, where that was another id. */
  readonly before?: string
  /** @param said the answer; undefined where there is none */
  done(said: { readonly changed?: boolean } | undefined): void
}

/** Who speaks, and where: one for a process on standard input and output, one for each request over HTTP. */
export interface Speakers {
  /** Calls name their session themselves, as an argument or in a header: more than one speaks here. */
  readonly many: boolean
  /**
   * @throws PresenceError `invalid_session` where nobody is named, or somebody else than this is
   */
  open(caller: Caller): Promise<OpenedBoard>
  /** When the session's heart beat last, as far as others here know: an agent's hooks. In milliseconds since 1970. */
  lastBeat(sessionId: string): number | undefined
}
