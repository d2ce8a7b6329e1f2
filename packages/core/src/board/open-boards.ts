import { askStore } from '../calls/on-store.ts'
import type { Ask } from '../calls/table.ts'
import type { CallContext } from '../claims/context.ts'
import { eventsSince, looksOn } from '../claims/look-since.ts'
import type { Replay } from '../claims/replay.ts'
import { type Followed, follow } from '../claims/watch.ts'
import { resolveBoard } from '../config/board.ts'
import type { Environment } from '../config/folders.ts'
import { labelCompleter } from '../config/label-defaults.ts'
import { DEADLINE_MS_DEFAULT, Deadline } from '../deadline.ts'
import { PresenceError } from '../domain/fault.ts'
import { type HistoryEvent, type RefusedSession, refusedEvent } from '../domain/history.ts'
import type { Said } from '../domain/operation.ts'
import type { Outcome } from '../domain/refusal.ts'
import { type SeenSession, sessionsIn } from '../domain/seen.ts'
import type { Session } from '../domain/session.ts'
import type { CircuitBreaker } from '../store/circuit-breaker.ts'
import type { Addressee } from '../store/port/coordination.ts'
import type { Owner } from '../store/port/session-tokens.ts'
import type { Store } from '../store/port/store.ts'
import { Pruner } from '../store/pruner.ts'
import { Recorder } from '../store/recorder.ts'
import { Acquisitions } from './acquisitions.ts'
import type { Board } from './board.ts'
import { openStore } from './open-board.ts'
import { SessionBoard } from './session-board.ts'
import { WATCH_EVERY_MS_DEFAULT } from './watches.ts'

export interface OpenBoardsOptions {
  /**
   * The board's DSN.
   * @default `PRESENCE_DSN`, the project's or the user's config file, or else the embedded board
   */
  readonly dsn?: string
  readonly env?: Environment
  readonly cwd?: string
  /**
   * The longest time that one call may take, in milliseconds.
   * @default 2_000
   */
  readonly deadlineMs?: number
  /**
   * Called for faults that should be fixed but do not prevent the board from being opened: see `openBoard`.
   */
  readonly onTrouble?: (fault: PresenceError) => void
  /** The version of the server, for its clients. @default empty */
  readonly version?: string
}

/** Options for the calls of one session. */
export interface SpeakOptions {
  /**
   * The longest time that a call may take, in milliseconds.
   * @default `deadlineMs` of `openBoards`
   */
  readonly deadlineMs?: number
  /** Kinds of label that the session's project knows, in addition to those known here. */
  readonly kinds?: readonly string[]
  /** Ends the call sooner, because the client is gone. */
  readonly signal?: AbortSignal
}

/** How long asking the database for its time may take after an answer, in milliseconds. */
const TOLD_MS = 500
const OPEN = { state: 'up', waiting: 0 } as const
/** A client that missed more events than this receives a snapshot instead. */
const RESUMED_EVENTS_MAX = 5_000
/** No session has this id, because no id is blank. */
const NOBODY = ''

/**
 * One store for the many sessions of a server, each with its own identity. A server opens one `Boards`, and
 * must check a caller's identity itself before it uses it. Nothing is stored in an outbox here: a client that
 * calls over a network has its own.
 */
export class Boards implements AsyncDisposable {
  /** The board's location for messages, without user or password. */
  readonly shown: string
  /** The kinds of label known here. */
  readonly kinds: readonly string[]
  /** Completes a label as somebody typed it, with the default scope and namespace of the server's config. */
  readonly complete: (label: string) => string
  /** Exclusive claims, addressed by label and fencing token. */
  readonly acquisitions: Acquisitions
  readonly #store: Store
  readonly #deadlineMs: number
  readonly #server: CallContext['server'] & object
  readonly #after: { readonly pruner: Pruner; readonly recorder: Recorder }

  constructor(
    store: Store,
    shown: string,
    kinds: readonly string[],
    {
      deadlineMs,
      version,
      complete = label => label,
    }: {
      readonly deadlineMs: number
      readonly version: string
      readonly complete?: (label: string) => string
    },
  ) {
    this.shown = shown
    this.kinds = kinds
    this.complete = complete
    this.#store = store
    this.#deadlineMs = deadlineMs
    this.#server = { version, board: shown }
    this.#after = { pruner: new Pruner(store), recorder: new Recorder(store.history) }
    this.acquisitions = new Acquisitions(store, this.#after.recorder, deadlineMs)
  }

  /**
   * The board as one session sees it. Create one for each call: it holds no state, and its `close` leaves the
   * store open.
   */
  as(session: Session, options: SpeakOptions = {}): Board {
    const { kinds, deadline } = this.#said(options)
    const close = async () => {}
    return new SessionBoard({ session, kinds, deadline, ask: this.askAs(session, options), close })
  }

  /** The single calls of one session: see `CALLS`. */
  askAs(session: Session, options: SpeakOptions = {}): Ask {
    return askStore({
      ...this.#after,
      store: this.#store,
      session,
      server: this.#server,
      ...this.#said(options),
    })
  }

  /**
   * Returns the events since a moment, earliest first, for a client that reconnects. Undefined if there are
   * more than 5,000.
   */
  async eventsSince(since: Date): Promise<readonly HistoryEvent[] | undefined> {
    const deadline = Deadline.after(this.#deadlineMs)
    await this.#after.recorder.caughtUp()
    const { events } = await eventsSince(this.#store, undefined, since, deadline, RESUMED_EVENTS_MAX)
    return events.length > RESUMED_EVENTS_MAX ? undefined : events
  }

  /**
   * Performs, only once, an operation that a session requested `agoMs` milliseconds ago, while it could not
   * reach the server.
   */
  async replayAfter({ session, ...entry }: Said, agoMs: number): Promise<Outcome<Replay>> {
    const now = await this.now(this.#deadlineMs)
    return this.askAs(session)('replay', { ...entry, saidAt: new Date(now.getTime() - agoMs) })
  }

  /** Returns the addressee of a message. Undefined if there is no such message. */
  async addresseeOf(messageId: string): Promise<Addressee | undefined> {
    const { messages } = await this.#store.coordination()
    return messages.addressee(messageId, Deadline.after(this.#deadlineMs))
  }

  /**
   * Finds a session that is registered or holds live claims. The cost does not depend on the number of
   * sessions.
   */
  async find(sessionId: string): Promise<(SeenSession & { readonly isRegistered: boolean }) | undefined> {
    const deadline = Deadline.after(this.#deadlineMs)
    const registered = await this.#store.registered(sessionId, deadline)
    const snapshot = await this.#store.read({ mine: true }, sessionId, deadline)
    const seen = sessionsIn(snapshot, registered ? [registered] : [])
    const found = seen.find(({ session }) => session.id === sessionId)
    return found && { ...found, isRegistered: registered !== undefined }
  }

  /** Which token a session belongs to. */
  async ownerOf(sessionId: string, deadlineMs = this.#deadlineMs): Promise<Owner> {
    const tokens = await this.#store.sessionTokens()
    return tokens.ownerOf(sessionId, Deadline.after(deadlineMs))
  }

  /**
   * Gives a session to a token, unless it belongs to a token already or is there without one.
   *
   * @param from the token whose session it is now, if that token no longer counts
   * @returns which token it belongs to afterwards
   */
  async giveTo(
    token: string,
    sessionId: string,
    from: string | undefined,
    deadlineMs = this.#deadlineMs,
  ): Promise<Owner> {
    const tokens = await this.#store.sessionTokens()
    const deadline = Deadline.after(deadlineMs)
    await tokens.take(sessionId, token, from, deadline)
    // Read in a statement of its own, which starts after the commit: of several tokens that ask at once, all
    // read the same one.
    return tokens.ownerOf(sessionId, deadline)
  }

  /** Records that the session's token acts as it now, so that the board goes on keeping whose it is. */
  async usedBy(token: string, sessionId: string, deadlineMs = this.#deadlineMs): Promise<void> {
    const tokens = await this.#store.sessionTokens()
    await tokens.use(sessionId, token, Deadline.after(deadlineMs))
  }

  /**
   * Adds to the history that a token was refused because it may not act as the request's session. Skipped if
   * the board gives no answer.
   */
  tellRefused(refused: RefusedSession): void {
    const event = async () => refusedEvent(refused, await this.now(TOLD_MS))
    this.#after.recorder.afterAnswer(() =>
      event()
        .then(told => [told])
        .catch(() => []),
    )
  }

  /** Whether the database is reachable, and how many calls wait for it. A file is always reachable. */
  get breaker(): Pick<CircuitBreaker, 'state' | 'waiting'> {
    return this.#store.breaker ?? OPEN
  }

  /** Follows the whole board, poll by poll, until the signal fires. It reads without a session. */
  follow(signal: AbortSignal, everyMs = WATCH_EVERY_MS_DEFAULT): AsyncIterable<Followed> {
    const deadline = () => Deadline.after(this.#deadlineMs)
    return follow(looksOn(this.#store), NOBODY, { label: undefined, everyMs, signal, deadline })
  }

  /**
   * Asks the database for its time.
   * @throws PresenceError if it gives no answer within `ms`
   */
  now(ms: number): Promise<Date> {
    return this.#store.now(Deadline.after(ms))
  }

  #said({ kinds = [], deadlineMs = this.#deadlineMs, signal }: SpeakOptions) {
    const known = kinds.length === 0 ? this.kinds : [...new Set([...this.kinds, ...kinds])]
    return { kinds: known, deadline: () => Deadline.after(deadlineMs, signal) }
  }

  /** Finishes the work that runs after answers, and closes the connections. */
  async close(): Promise<void> {
    await Promise.all([this.#after.recorder.close(), this.#after.pruner.settled()])
    await this.#store.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/**
 * Opens a board for many sessions. Connects to nothing before the first call.
 *
 * @throws PresenceError `invalid_dsn`, also if the DSN names another presence server, or `invalid_config`
 */
export async function openBoards(options: OpenBoardsOptions = {}): Promise<Boards> {
  const { dsn, env = process.env, cwd = process.cwd(), deadlineMs = DEADLINE_MS_DEFAULT, onTrouble } = options
  const place = await resolveBoard(dsn, env, cwd)
  if (place.dsn.scheme === 'http')
    throw new PresenceError(
      'invalid_dsn',
      `the DSN names a presence server (${place.dsn.shown}), but a presence server needs the database itself`,
      'name the database itself: mysql://user@host:3306/database or sqlite:/path/board.db',
    )
  for (const fault of place.skipped) onTrouble?.(fault)
  const store = await openStore(place.dsn, { shared: true })
  return new Boards(store, place.dsn.shown, place.kinds, {
    deadlineMs,
    version: options.version ?? '',
    complete: labelCompleter(cwd, env),
  })
}
