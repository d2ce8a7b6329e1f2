import { type Board, type Boards, type JudgedRole, PresenceError, type Session } from '@presence/core'
import {
  type EventName,
  type Here,
  type HookInput,
  type Host,
  momentOf,
  type Payload,
  type Said,
  type Stamp,
  type Tasks,
} from '@presence/hooks'
import type { Remembered } from './memory.ts'

interface Options {
  readonly boards: Boards
  readonly session: Session
  readonly project: string | undefined
  readonly role: JudgedRole | undefined
  readonly remembered: Remembered
  /** Forgets the session. */
  readonly forget: () => void
  /** Whoever wired it says that the project has a tracker. */
  readonly hasTracker: boolean
  /** Does whoever asked still wait for the answer? What nobody hears is not told. */
  readonly isAwaited: () => boolean
  /** What each of the board's answers may take, in milliseconds. */
  readonly deadlineMs: number
  /** Fires when the answer is out: what the board is still asked is given up on. */
  readonly signal?: AbortSignal
  /** Told what the board said to a sample. */
  readonly probe: Host['probe']
}

/**
 * A server that answers an agent on another machine: the payload's folders are that machine's and never looked at here, its
 * tracker can't be asked, and what a session was told is remembered in memory.
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
      beat: (now, told) => stamp.beat(now, isAwaited() ? told : [...stamp.told()]),
      show: ids => {
        if (isAwaited()) stamp.show(ids)
      },
    }
  }

  hereOf(): Here {
    const { place, host } = this.#options.session
    return { ...place, host }
  }

  /** As its own machine judged it: what a project demands stands in files there. */
  async roleOf(): Promise<JudgedRole | undefined> {
    return this.#options.role
  }

  async projectOf(): Promise<string | undefined> {
    return this.#options.project
  }

  hasTracker(): boolean {
    return this.#options.hasTracker
  }

  tasks(): Promise<Tasks> | undefined {
    return undefined
  }

  open(): Board {
    const { boards, session, deadlineMs, signal } = this.#options
    return boards.as(session, { deadlineMs, ...(signal ? { signal } : {}) })
  }

  /** A session that its own machine's start hook introduces goes by that hook's word from now on. */
  begin(): void {
    const { session, project, role } = this.#options
    this.#options.remembered.introduction = { session, project, role }
  }

  end(): void {
    this.#options.forget()
  }

  /** Without the inner workings: an agent is told no address of a database. */
  explain(error: unknown): string {
    return error instanceof PresenceError ? 'the database gives no answer' : 'the server failed'
  }

  note(_input: HookInput, _me: string | undefined, _said: Said): void {}
}
