import { type Board, PresenceError, type Session } from '@presence/core'
import type { Boards, JudgedRole } from '@presence/core/internal'
import {
  type EventName,
  type Here,
  type HookInput,
  type Host,
  momentOf,
  type Payload,
  type Said,
  type Stamp,
} from '@presence/hooks'
import type { Remembered } from './memory.ts'

interface Options {
  readonly boards: Boards
  readonly session: Session
  readonly project: string | undefined
  readonly role: JudgedRole | undefined
  readonly remembered: Remembered
  /** Removes the session from memory. */
  readonly forget: () => void
  /** Whether the project has a tracker, according to the hook's settings. */
  readonly hasTracker: boolean
  /** Whether the caller still waits. An answer that no one reads doesn't count as told. */
  readonly isAwaited: () => boolean
  /** The time limit for each call to the board, in milliseconds. */
  readonly deadlineMs: number
  /** Aborted when the answer is sent. Calls to the board that are still running are then given up. */
  readonly signal?: AbortSignal
  /** Called with the board's answer to a sample call. */
  readonly probe: Host['probe']
}

/**
 * Answers the hooks of an agent on another machine. The payload's folders are on that machine and are never
 * read here, its tracker can't be asked, and what a session was told is only kept in memory.
 */
export class ServerHost implements Host {
  readonly probe: Host['probe']
  readonly #options: Options

  constructor(options: Options) {
    this.#options = options
    this.probe = options.probe
  }

  complete(input: HookInput): HookInput {
    return input
  }

  sessionOf(): string {
    return this.#options.session.id
  }

  isFirst(_: HookInput, event: EventName, payload: Payload): boolean {
    return this.#options.remembered.isFirst(momentOf(event, payload))
  }

  stampOf(): Stamp {
    const { remembered, isAwaited } = this.#options
    const stamp = remembered.stamp()
    return {
      ...stamp,
      tell: (asOf, keys) => {
        if (isAwaited()) stamp.tell(asOf, keys)
      },
      show: ids => {
        if (isAwaited()) stamp.show(ids)
      },
      keep: knows => {
        if (isAwaited()) stamp.keep(knows)
      },
    }
  }

  /** A server knows neither the agent's process nor another board. */
  readerOf(): Promise<string> {
    return Promise.resolve('')
  }

  hereOf(): Here {
    const { place, host, user } = this.#options.session
    return { ...place, host, user }
  }

  /** The role as the agent's machine judged it: the files with the project's requirements are there. */
  async roleOf(): Promise<JudgedRole | undefined> {
    return this.#options.role
  }

  async projectOf(): Promise<string | undefined> {
    return this.#options.project
  }

  hasTracker(): boolean {
    return this.#options.hasTracker
  }

  tasks(): undefined {
    return undefined
  }

  noteTasks(): void {}

  open(): Board {
    const { boards, session, deadlineMs, signal } = this.#options
    return boards.as(session, { deadlineMs, ...(signal ? { signal } : {}) })
  }

  /** Stores the session as the start hook of its machine describes it. Later hooks use that description. */
  begin(): void {
    const { session, project, role } = this.#options
    this.#options.remembered.introduction = { session, project, role }
  }

  end(): void {
    this.#options.forget()
  }

  /** Gives no internal details: an agent must not learn a database's address. */
  explain(error: unknown): string {
    return error instanceof PresenceError ? 'the database does not answer' : 'the server failed'
  }

  /** Only the server's operator can do something about its database. */
  remedyFor(): undefined {
    return undefined
  }

  note(_input: HookInput, _me: string | undefined, _said: Said): void {}
}
