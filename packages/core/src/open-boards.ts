import { Acquisitions } from './acquisitions.ts'
import type { Board } from './board.ts'
import { resolveBoard } from './config/board.ts'
import type { Environment } from './config/folders.ts'
import { DEADLINE_MS_DEFAULT, Deadline } from './deadline.ts'
import { PresenceError } from './domain/fault.ts'
import { type HistoryEvent, type RefusedSession, refusedEvent } from './domain/history.ts'
import { parseLabel } from './domain/label.ts'
import type { Said } from './domain/operation.ts'
import { accept, type Checked, type Outcome } from './domain/refusal.ts'
import { type SeenSession, sessionsIn } from './domain/seen.ts'
import type { Session } from './domain/session.ts'
import { openStore } from './open-board.ts'
import { Pruner } from './pruner.ts'
import { Recorder } from './recorder.ts'
import type { ReadInput, Verbs } from './remote/verbs.ts'
import { StoreSteps } from './steps.ts'
import type { Gate } from './store/gate.ts'
import type { Addressee, Store } from './store/port.ts'
import { StoreBoard } from './store-board.ts'
import { eventsSince, looksOn } from './verbs/look-since.ts'
import { type Replay, replay } from './verbs/replay.ts'
import { type Followed, follow } from './verbs/watch.ts'
import { WATCH_EVERY_MS_DEFAULT } from './watches.ts'

export interface OpenBoardsOptions {
  /** Which board; else `PRESENCE_DSN`, the project's or the user's config file, the embedded board. */
  readonly dsn?: string
  readonly env?: Environment
  readonly cwd?: string
  /** The most that one call may take, in milliseconds. */
  readonly deadlineMs?: number
  /** Told of what is to be mended and kept the board from being opened as its config says: see `openBoard`. */
  readonly onTrouble?: (fault: PresenceError) => void
}

/** How a session is listened to. */
export interface SpeakOptions {
  /** The most that a call may take, in milliseconds; that of `openBoards` unless told. */
  readonly deadlineMs?: number
  /** Kinds of label that its project knows besides those known here. */
  readonly kinds?: readonly string[]
  /** Ends the call sooner: the client is gone. */
  readonly signal?: AbortSignal
}

/** What asking for the time may take behind an answer, in milliseconds. */
const TOLD_MS = 500
const OPEN = { state: 'up', waiting: 0 } as const
/** One who was away for longer than this many events is told what stands instead. */
const RESUMED_EVENTS_MAX = 5_000
/** No session has this id: none is blank. */
const NOBODY = ''

/**
 * One store and the sessions that speak through it, each as itself: what a server opens once. Who a session is has been
 * checked by then. Nothing is queued here: whoever speaks over a network has a queue of their own.
 */
export class Boards implements AsyncDisposable {
  /** Where the board is, for messages: never with a user or a password. */
  readonly shown: string
  /** The kinds of label known there. */
  readonly kinds: readonly string[]
  /** Exclusive claims by label and token. */
  readonly acquisitions: Acquisitions
  readonly #store: Store
  readonly #deadlineMs: number
  readonly #after: { readonly pruner: Pruner; readonly recorder: Recorder }

  constructor(store: Store, shown: string, kinds: readonly string[], deadlineMs: number) {
    this.shown = shown
    this.kinds = kinds
    this.#store = store
    this.#deadlineMs = deadlineMs
    this.#after = { pruner: new Pruner(store), recorder: new Recorder(store.history) }
    this.acquisitions = new Acquisitions(store, this.#after.recorder, deadlineMs)
  }

  /** The board as a session sees it. Made for each call: it holds nothing, and its `close` leaves the store open. */
  as(session: Session, options: SpeakOptions = {}): Board {
    const { kinds, deadline } = this.#said(options)
    return new StoreBoard(this.#store, session, kinds, deadline, this.#after)
  }

  /** The single calls of what a client does in several: see `Steps`. */
  steps(session: Session, options: SpeakOptions = {}): StoreSteps {
    const { kinds, deadline } = this.#said(options)
    return new StoreSteps(this.#store, session, kinds, deadline, this.#after)
  }

  /** What a watch at a client asks. */
  async read(
    { label: text, of, eventsSince: since }: ReadInput,
    sessionId: string,
    options: SpeakOptions = {},
  ): Promise<Verbs['read']['answer']> {
    const { kinds, deadline } = this.#said(options)
    const label = text === undefined ? undefined : parseLabel(text, kinds)
    if (label && !label.ok) return label
    if (of !== undefined) return { ok: true, ...(await this.#store.read({ mine: true }, of, deadline())) }
    const looked = await looksOn(this.#store).look(label?.value.text, sessionId, since, deadline())
    const { snapshot, events = [], born } = looked
    return { ok: true, ...snapshot, ...(born ? { events, born } : {}) }
  }

  /** The events since a moment, earliest first, for a client that comes back. Undefined if there are too many. */
  async eventsSince(since: Date): Promise<readonly HistoryEvent[] | undefined> {
    const deadline = Deadline.after(this.#deadlineMs)
    await this.#after.recorder.caughtUp()
    const { events } = await eventsSince(this.#store, undefined, since, deadline, RESUMED_EVENTS_MAX)
    return events.length > RESUMED_EVENTS_MAX ? undefined : events
  }

  /** Does what a session said at a moment of the database's time while it could not reach the server, once. */
  async replay(operation: Said, saidAt: Date, options: SpeakOptions = {}): Promise<Outcome<Replay>> {
    const deadline = this.#said(options).deadline()
    const checked = await this.#checked(operation, options)
    if (!checked.ok) return checked
    return replay(this.#store, operation, saidAt, deadline)
  }

  /** The same of what was said so many milliseconds ago. */
  async replayAfter(operation: Said, agoMs: number): Promise<Outcome<Replay>> {
    const now = await this.now(this.#deadlineMs)
    return this.replay(operation, new Date(now.getTime() - agoMs))
  }

  /** Whom a message is to; undefined where there is none. */
  async addresseeOf(messageId: string): Promise<Addressee | undefined> {
    const { messages } = await this.#store.coordination()
    return messages.addressee(messageId, Deadline.after(this.#deadlineMs))
  }

  /** A session that is registered or holds live claims; what it costs does not depend on how many others are kept. */
  async find(sessionId: string): Promise<(SeenSession & { readonly isRegistered: boolean }) | undefined> {
    const deadline = Deadline.after(this.#deadlineMs)
    const registered = await this.#store.registered(sessionId, deadline)
    const snapshot = await this.#store.read({ mine: true }, sessionId, deadline)
    const seen = sessionsIn(snapshot, registered ? [registered] : [])
    const found = seen.find(({ session }) => session.id === sessionId)
    return found && { ...found, isRegistered: registered !== undefined }
  }

  /** Adds to the history that a token was refused a session; left out where the board gives no answer. */
  tellRefused(refused: RefusedSession): void {
    const event = async () => refusedEvent(refused, await this.now(TOLD_MS))
    this.#after.recorder.afterAnswer(() =>
      event()
        .then(told => [told])
        .catch(() => []),
    )
  }

  /** Whether the database is there, and how many wait for it. A file always is. */
  get gate(): Pick<Gate, 'state' | 'waiting'> {
    return this.#store.gate ?? OPEN
  }

  /** Follows the whole board as nobody in particular, one look after another, until the signal fires. */
  follow(signal: AbortSignal, everyMs = WATCH_EVERY_MS_DEFAULT): AsyncIterable<Followed> {
    const deadline = () => Deadline.after(this.#deadlineMs)
    return follow(looksOn(this.#store), NOBODY, { label: undefined, everyMs, signal, deadline })
  }

  /** Asks the database for its time. @throws PresenceError where it gives no answer within `ms` */
  now(ms: number): Promise<Date> {
    return this.#store.now(Deadline.after(ms))
  }

  /** What a client queued is checked as if it were said now. */
  async #checked(operation: Said, options: SpeakOptions): Promise<Checked<unknown>> {
    const { session } = operation
    if (operation.verb === 'claim') {
      const { label, purpose, ttlSeconds } = operation
      return this.steps(session, options).own(label, { purpose, ttl: ttlSeconds })
    }
    if (operation.verb === 'message')
      return (await import('./groups/messages.ts')).checkMessage(operation, session.id)
    if (operation.verb === 'component')
      return (await import('./groups/components.ts')).checkState(operation, session.id)
    return accept(operation)
  }

  #said({ kinds = [], deadlineMs = this.#deadlineMs, signal }: SpeakOptions) {
    const known = kinds.length === 0 ? this.kinds : [...new Set([...this.kinds, ...kinds])]
    return { kinds: known, deadline: () => Deadline.after(deadlineMs, signal) }
  }

  /** Ends what still runs after answers, and the connections. */
  async close(): Promise<void> {
    await Promise.all([this.#after.recorder.close(), this.#after.pruner.settled()])
    await this.#store.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/**
 * Opens a board for many sessions. Nothing is contacted before the first call.
 *
 * @throws PresenceError `invalid_dsn` or `invalid_config`
 */
export async function openBoards(options: OpenBoardsOptions = {}): Promise<Boards> {
  const { dsn, env = process.env, cwd = process.cwd(), deadlineMs = DEADLINE_MS_DEFAULT, onTrouble } = options
  const place = await resolveBoard(dsn, env, cwd)
  if (place.dsn.scheme === 'http')
    throw new PresenceError(
      'invalid_dsn',
      `the board at ${place.dsn.shown} is another presence server's`,
      'name the database itself: mysql://user@host:3306/database or sqlite:/path/board.db',
    )
  for (const fault of place.skipped) onTrouble?.(fault)
  return new Boards(await openStore(place.dsn, { shared: true }), place.dsn.shown, place.kinds, deadlineMs)
}
