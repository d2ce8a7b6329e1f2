import type { Author, Entry } from '../calls/call.ts'
import { type Ask, type AskOptions, CALLS, type CallName, type InputOf } from '../calls/table.ts'
import { Deadline } from '../deadline.ts'
import { isOutage, mayPass, PresenceError } from '../domain/fault.ts'
import type { Session } from '../domain/session.ts'
import { OutboxFault } from './fault.ts'
import type { OutboxFile } from './file.ts'
import { type Drain, drainQueue, type Replayed, type Replays, type SyncOptions } from './replay.ts'
import { hasNews, notYet, tooLate } from './undelivered.ts'

const QUEUED = 'it is queued, and is sent with the next call that reaches the board'
/**
 * The part of a call's time that the delivery before it may use. Later calls deliver the rest.
 */
const REPLAY_SHARE = 0.5

export interface DeliveryOptions {
  readonly kinds: readonly string[]
  /** The time of one call, in milliseconds. */
  readonly deadlineMs: number
  /** Adds nothing to the outbox, but still delivers it. @default false */
  readonly deliverOnly?: boolean
  /** Called with the result of a delivery, if there was something to deliver. */
  readonly onReplay?: (replayed: Replayed) => void
  /** Called once per board if the outbox can't be used. */
  readonly onTrouble?: (fault: PresenceError) => void
}

/**
 * Makes the calls of a board whose server may be unreachable. Calls that claim, extend, release or report
 * something and can't be delivered go to the outbox. The next call that reaches the server delivers the outbox
 * first; until then, later calls join it, so that the order is kept.
 *
 * If the outbox can't be used, calls still go to a server that answers: knowing who holds what matters more
 * than the order of entries that can't be read anyway. Only `sync` then fails.
 */
export class Delivery {
  readonly #direct: Ask
  readonly #session: Session
  readonly #replays: Replays
  readonly #outbox: OutboxFile
  readonly #options: DeliveryOptions
  #troubleTold = false

  /** @param ask makes a call on the board itself */
  constructor(ask: Ask, session: Session, replays: Replays, outbox: OutboxFile, options: DeliveryOptions) {
    this.#direct = ask
    this.#session = session
    this.#replays = replays
    this.#outbox = outbox
    this.#options = options
  }

  readonly ask: Ask = async (name, input, options = {}) => {
    const { isDirect, entry } = CALLS[name] as Row<typeof name>
    const ask = () => this.#direct(name, input, options)
    if (isDirect) return ask()
    if (!entry) return this.#caughtUp(ask, options)
    const author = { session: this.#session, kinds: this.#options.kinds }
    return this.#delivered(ask, options, () => (options.queues === false ? undefined : entry(input, author)))
  }

  /**
   * Asks even while the circuit breaker is open, and tries every entry, including those that failed a moment
   * ago.
   */
  async sync({ retryDeadLetters = false }: SyncOptions = {}): Promise<Replayed> {
    const deadline = Deadline.after(this.#options.deadlineMs)
    if (retryDeadLetters) await this.#outbox.retryDeadLetters(deadline)
    return this.#outbox.breaker.call(
      async () => {
        const { replayed, fault } = await drainQueue(this.#outbox, this.#replays, deadline, { insist: true })
        if (fault === undefined) return replayed
        // Entries that were done or dropped, or became dead letters, have left the outbox, so report them
        // although the rest failed.
        if (hasNews(replayed)) this.#options.onReplay?.(replayed)
        throw fault
      },
      { anyway: true },
    )
  }

  /**
   * Delivers the outbox, then makes the call. Both must fit into the time of one call, unless the caller
   * itself waits.
   */
  #caughtUp<T>(ask: () => Promise<T>, { waits = false }: AskOptions): Promise<T> {
    return this.#contacted(async () => {
      if (!this.#hasQueued()) return ask()
      const deadline = Deadline.after(this.#options.deadlineMs)
      await this.#catchUp()
      return waits ? ask() : this.#inTime(deadline, ask())
    }, waits)
  }

  /**
   * Delivers the outbox, then makes the call. If either fails with a fault that may pass, the call goes to the outbox:
   * the board didn't do it, or may have done it, and a later try can succeed.
   */
  async #delivered<T>(
    ask: () => Promise<T>,
    { waits = false }: AskOptions,
    entry: () => Entry | Promise<Entry>,
  ): Promise<T> {
    try {
      return await this.#contacted(async () => {
        if (!this.#hasQueued()) return ask()
        const deadline = Deadline.after(this.#options.deadlineMs)
        const drain = await this.#catchUp()
        if (drain?.holdsBack(this.#session.id)) throw drain.fault ?? notYet(drain.replayed.left)
        return waits ? ask() : this.#inTime(deadline, ask())
      }, waits)
    } catch (error) {
      if (!mayPass(error)) throw error
      throw await this.#queued(error, await entry())
    }
  }

  #inTime<T>(deadline: Deadline, answer: Promise<T>): Promise<T> {
    return deadline.race(answer, () => tooLate(deadline.ms))
  }

  /** A waiting claim asks repeatedly, so it must not fail because the breaker is open for a moment. */
  #contacted<T>(ask: () => Promise<T>, waits: boolean): Promise<T> {
    return this.#outbox.breaker.call(ask, { anyway: waits })
  }

  /**
   * Delivers the outbox. A failure of single entries doesn't keep the call from being made.
   *
   * @throws PresenceError if the server can't be reached
   */
  async #catchUp(): Promise<Drain | undefined> {
    const deadline = Deadline.after(this.#options.deadlineMs * REPLAY_SHARE)
    try {
      const drain = await drainQueue(this.#outbox, this.#replays, deadline)
      // Entries that need another token are reported by `sync` only: this session can do nothing about them.
      if (hasNews(drain.replayed) || (drain.replayed.left > 0 && drain.fault === undefined))
        this.#options.onReplay?.(drain.replayed)
      if (isOutage(drain.fault)) throw drain.fault
      this.#outbox.breaker.heard()
      return drain
    } catch (error) {
      this.#tellTrouble(error)
      return undefined
    }
  }

  #hasQueued(): boolean {
    try {
      return !this.#outbox.isEmpty
    } catch (error) {
      this.#tellTrouble(error)
      return false
    }
  }

  /** Reports a fault of the outbox once; rethrows any other error. */
  #tellTrouble(error: unknown): void {
    if (!(error instanceof OutboxFault)) throw error
    if (!this.#troubleTold) this.#options.onTrouble?.(error)
    this.#troubleTold = true
  }

  async #queued(fault: PresenceError, entry: Entry): Promise<PresenceError> {
    if (!entry || this.#options.deliverOnly) return fault
    const operation = { id: crypto.randomUUID(), at: Date.now(), session: this.#session, ...entry }
    // The caller has already waited for the server, so wait only briefly for the outbox.
    const queued = await this.#outbox.append(operation, Deadline.after(300)).catch(error => {
      this.#tellTrouble(error)
      return false
    })
    if (!queued) return fault
    return new PresenceError(
      fault.code,
      fault.message,
      // An unreachable server comes back without help, but somebody must fix a certificate.
      fault.code === 'tls_failed' ? `${fault.remedy}; ${QUEUED}` : QUEUED,
      {
        cause: fault.cause,
        retryAt: fault.retryAt,
        queued,
      },
    )
  }
}

/** A row of the table, whose input and answer belong to its name. */
interface Row<Name extends CallName> {
  readonly isDirect?: true
  readonly entry?: (input: InputOf<Name>, author: Author) => Entry | Promise<Entry>
}
