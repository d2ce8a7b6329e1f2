import type { Board } from '@presence/core'
import type { Answer } from './tool.ts'

/** The known facts about the caller of a tool. */
export interface Caller {
  /** The session id in the call's arguments. */
  readonly sessionId: string | undefined
  /** Other arguments of `coord_register_presence`. */
  readonly role: string | undefined
  readonly worktree: string | undefined
  /** The client's name, if it gave one. */
  readonly client: string | undefined
  /** `_meta` of the request: some agents name their session there. */
  readonly meta: Readonly<Record<string, unknown>> | undefined
}

/** A board opened as one session, and what to do when the call is answered. */
export interface OpenedBoard {
  readonly board: Board
  /** Additional notes: an outbox that was delivered, or a file that needs fixing. */
  readonly notes: readonly string[]
  /**
   * Whether the caller chose the id and is not known to have used it before. It may be another session's id.
   */
  readonly isNew: boolean
  /** The id that the caller used until now, if that was another one. */
  readonly before?: string
  /** @param said the answer. Undefined if the call failed */
  done(said: Pick<Answer<object>, 'changed' | 'claimed'> | undefined): void
}

/** Finds the session of a call: one per process on standard input and output, one per request over HTTP. */
export interface Speakers {
  /**
   * Whether several sessions share this server, so that calls must name theirs, in an argument or a header.
   */
  readonly many: boolean
  /** Completes a label as an agent typed it, with the config's default scope and namespace. */
  complete(label: string): string
  /**
   * @throws PresenceError `invalid_session` if no session is named, or one that the caller may not use
   */
  open(caller: Caller): Promise<OpenedBoard>
  /**
   * When the agent's hooks last sent a heartbeat, in milliseconds since 1970. Undefined if that is unknown.
   */
  lastBeat(sessionId: string): number | undefined
}
