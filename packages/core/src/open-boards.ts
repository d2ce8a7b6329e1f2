import { Acquisitions } from './acquisitions.ts'
import type { Board } from './board.ts'
import { resolveBoard } from './config/board.ts'
import type { Environment } from './config/folders.ts'
import { DEADLINE_MS_DEFAULT, Deadline } from './deadline.ts'
import type { PresenceError } from './domain/fault.ts'
import type { QueuedOperation } from './domain/operation.ts'
import type { Session } from './domain/session.ts'
import { openStore } from './open-board.ts'
import { Pruner } from './pruner.ts'
import { Recorder } from './recorder.ts'
import type { Gate } from './store/gate.ts'
import type { Addressee, Store } from './store/port.ts'
import { StoreBoard, WATCH_EVERY_MS_DEFAULT } from './store-board.ts'
import { type Followed, follow } from './verbs/watch.ts'

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

const OPEN = { state: 'up', waiting: 0 } as const
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
  as(session: Session, { deadlineMs = this.#deadlineMs }: { readonly deadlineMs?: number } = {}): Board {
    return new StoreBoard(this.#store, session, this.kinds, deadlineMs, this.#after)
  }

  /**
   * Does what a session said so many milliseconds ago as it would have been done then, unless it was done already.
   *
   * @returns whether it was done now
   */
  async doAsSaid(operation: QueuedOperation, agoMs: number): Promise<boolean> {
    const deadline = Deadline.after(this.#deadlineMs)
    const now = await this.#store.now(deadline)
    return this.#store.replay(operation, new Date(now.getTime() - agoMs), deadline)
  }

  /** Whom a message is to; undefined where there is none. */
  async addresseeOf(messageId: string): Promise<Addressee | undefined> {
    const { messages } = await this.#store.coordination()
    return messages.addressee(messageId, Deadline.after(this.#deadlineMs))
  }

  /** Whether the database is there, and how many wait for it. A file always is. */
  get gate(): Pick<Gate, 'state' | 'waiting'> {
    return this.#store.gate ?? OPEN
  }

  /** Follows the whole board as nobody in particular, one look after another, until the signal fires. */
  follow(signal: AbortSignal, everyMs = WATCH_EVERY_MS_DEFAULT): AsyncIterable<Followed> {
    const deadline = () => Deadline.after(this.#deadlineMs)
    return follow(this.#store, NOBODY, { label: undefined, everyMs, signal, deadline })
  }

  /** Asks the database for its time. @throws PresenceError where it gives no answer within `ms` */
  now(ms: number): Promise<Date> {
    return this.#store.now(Deadline.after(ms))
  }

  /** Ends what still runs after answers, and the connections. */
  async close(): Promise<void> {
    await Promise.all([this.#after.recorder.settled(), this.#after.pruner.settled()])
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
  for (const fault of place.skipped) onTrouble?.(fault)
  return new Boards(await openStore(place.dsn, { shared: true }), place.dsn.shown, place.kinds, deadlineMs)
}
