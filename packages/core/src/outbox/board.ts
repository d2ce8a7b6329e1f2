import {
  all,
  type Board,
  type ExclusiveOptions,
  type ListOptions,
  type LogOptions,
  type SharedOptions,
  type StatusOptions,
  type StealOptions,
  type SyncOptions,
  type TakeBackOptions,
  type WatchOptions,
} from '../board.ts'
import { Deadline } from '../deadline.ts'
import type { Change } from '../domain/change.ts'
import { isFault, isOutage, PresenceError } from '../domain/fault.ts'
import { parseLabel } from '../domain/label.ts'
import type { QueuedVerb } from '../domain/operation.ts'
import { parsePurpose } from '../domain/purpose.ts'
import type { Outcome } from '../domain/refusal.ts'
import type { Session } from '../domain/session.ts'
import type { Standing } from '../domain/standing.ts'
import { parseTtl } from '../domain/ttl.ts'
import { newWriteKey } from '../domain/write-key.ts'
import type { Groups } from '../groups/lazy.ts'
import type { Lease } from '../lease.ts'
import type { Acquired } from '../verbs/acquire.ts'
import type { Claimed } from '../verbs/claim.ts'
import type { Listed } from '../verbs/list.ts'
import type { Logged } from '../verbs/log.ts'
import type { Released } from '../verbs/release.ts'
import type { Resolved } from '../verbs/resolve.ts'
import type { Status } from '../verbs/status.ts'
import type { Stolen } from '../verbs/steal.ts'
import type { Survey } from '../verbs/survey.ts'
import type { Verified } from '../verbs/verify.ts'
import type { Who, WhoOptions } from '../verbs/who.ts'
import { OutboxFault } from './fault.ts'
import type { OutboxFile } from './file.ts'
import { queuedGroups } from './groups.ts'
import { type Drain, drainQueue, type Replayed, type Replays } from './replay.ts'
import { hasNews, notYet, tooLate, UNDELIVERED } from './undelivered.ts'

const QUEUED =
  'it is queued, and is sent with the next call that reaches the board, for example: presence sync'
/**
 * The part of a call's time that the delivery before it may use. What is left in the outbox is delivered by
 * later calls.
 */
const REPLAY_SHARE = 0.5

export interface QueuedBoardOptions {
  readonly kinds: readonly string[]
  readonly deadlineMs: number
  /** Adds nothing to the outbox, but still delivers it. @default false */
  readonly deliverOnly?: boolean
  /** Called with the result of a delivery, if there was something to deliver. */
  readonly onReplay?: (replayed: Replayed) => void
  /** Called once per board if the outbox can't be used. */
  readonly onTrouble?: (fault: PresenceError) => void
}

/**
 * A board whose server may be unreachable. Calls that claim, extend, release or report something and can't be
 * delivered go to the outbox. The next call that reaches the server delivers the outbox first; until then,
 * later calls join it, so that the order is kept.
 *
 * If the outbox can't be used, calls still go to a server that answers: knowing who holds what matters more
 * than the order of entries that can't be read anyway. Only `sync` then fails.
 */
export class OutboxBoard implements Board {
  readonly session: Session
  readonly messages: Groups['messages']
  readonly components: Groups['components']
  readonly workflows: Groups['workflows']
  readonly items: Groups['items']
  readonly #board: Board
  readonly #replays: Replays
  readonly #queue: OutboxFile
  readonly #options: QueuedBoardOptions
  #troubleTold = false

  constructor(board: Board, replays: Replays, queue: OutboxFile, options: QueuedBoardOptions) {
    this.session = board.session
    this.#board = board
    this.#replays = replays
    this.#queue = queue
    this.#options = options
    const groups = queuedGroups(board, this.session.id, {
      caughtUp: ask => this.#caughtUp(ask),
      delivered: (say, toQueue) => this.#delivered(say, toQueue),
    })
    this.messages = groups.messages
    this.components = groups.components
    this.workflows = groups.workflows
    this.items = groups.items
  }

  /**
   * The call and its outbox entry have the same write key, so that the claim can be taken back whichever of
   * the two wrote it.
   */
  claim(label: string, options: SharedOptions): Promise<Outcome<Claimed>> {
    const { writeKey = newWriteKey() } = options
    return this.#delivered(
      () => this.#board.claim(label, { ...options, writeKey }),
      () => {
        const parsed = parseLabel(label, this.#options.kinds)
        const purpose = parsePurpose(options.purpose)
        const ttl = parseTtl(options.ttl)
        // Bad input is refused with or without a server and never goes to the outbox.
        if (!parsed.ok || !purpose.ok || !ttl.ok) return undefined
        const said = { label: parsed.value.text, purpose: purpose.value, ttlSeconds: ttl.value }
        return { verb: 'claim', ...said, writeKey }
      },
      options.wait !== undefined,
    )
  }

  takeBack(label: string, options: TakeBackOptions): Promise<Outcome<{ readonly gone: boolean }>> {
    return this.#delivered(
      () => this.#board.takeBack(label, options),
      () => {
        const parsed = parseLabel(label, this.#options.kinds)
        if (!parsed.ok) return undefined
        return { verb: 'release', label: parsed.value.text, writeKey: options.writeKey }
      },
    )
  }

  /** Never goes to the outbox: an exclusive claim is granted by the board or not at all. */
  claimExclusively(label: string, options: ExclusiveOptions): Promise<Outcome<Acquired>> {
    return this.#caughtUp(() => this.#board.claimExclusively(label, options), options.wait !== undefined)
  }

  acquire(label: string, options: ExclusiveOptions): Promise<Outcome<{ readonly lease: Lease }>> {
    return this.#caughtUp(() => this.#board.acquire(label, options), options.wait !== undefined)
  }

  steal(label: string, options: StealOptions): Promise<Outcome<Stolen>> {
    return this.#caughtUp(() => this.#board.steal(label, options))
  }

  resolve(label: string, note: string): Promise<Outcome<Resolved>> {
    return this.#caughtUp(() => this.#board.resolve(label, note))
  }

  log(options?: LogOptions): Promise<Outcome<Logged>> {
    return this.#caughtUp(() => this.#board.log(options))
  }

  /** Asks even while the circuit breaker is open: a lease may depend on the answer. */
  verify(label: string, token: number): Promise<Outcome<Verified>> {
    return this.#queue.breaker.call(() => this.#board.verify(label, token), { anyway: true })
  }

  heartbeat(): Promise<Standing> {
    return this.#delivered(
      () => this.#board.heartbeat(),
      () => ({ verb: 'heartbeat' }),
    )
  }

  survey(options?: { readonly register?: boolean }): Promise<Survey> {
    return this.#delivered(
      () => this.#board.survey(options),
      () => ({ verb: 'heartbeat' }),
    )
  }

  release(label: string | typeof all): Promise<Outcome<Released>> {
    return this.#delivered(
      () => this.#board.release(label),
      () => {
        if (label === all) return { verb: 'release' }
        const parsed = parseLabel(label, this.#options.kinds)
        return parsed.ok ? { verb: 'release', label: parsed.value.text } : undefined
      },
    )
  }

  /** Never goes to the outbox: a session that still runs later is registered at its next start. */
  register(): Promise<void> {
    return this.#caughtUp(() => this.#board.register())
  }

  /** Only the release goes to the outbox. A session that can't report its end becomes stale. */
  deregister(): Promise<Outcome<Released>> {
    return this.#delivered(
      () => this.#board.deregister(),
      () => ({ verb: 'release' }),
    )
  }

  list(options?: ListOptions): Promise<Outcome<Listed>> {
    return this.#caughtUp(() => this.#board.list(options))
  }

  peek(label: string): Promise<Outcome<Listed>> {
    return this.#caughtUp(() => this.#board.peek(label))
  }

  who(options?: WhoOptions): Promise<Who> {
    return this.#caughtUp(() => this.#board.who(options))
  }

  status(options?: StatusOptions): Promise<Outcome<Status>> {
    return this.#caughtUp(() => this.#board.status(options))
  }

  watch(options?: WatchOptions): AsyncIterable<Change> {
    return this.#board.watch(options)
  }

  /**
   * Asks even while the circuit breaker is open, and tries every entry, including those that failed a moment
   * ago.
   */
  async sync({ retryDeadLetters = false }: SyncOptions = {}): Promise<Replayed> {
    const deadline = Deadline.after(this.#options.deadlineMs)
    if (retryDeadLetters) await this.#queue.retryDeadLetters(deadline)
    return this.#queue.breaker.call(
      async () => {
        const { replayed, fault } = await drainQueue(this.#queue, this.#replays, deadline, { insist: true })
        if (fault === undefined) return replayed
        // Entries that were done, dropped or set aside have left the outbox, so report them although the rest
        // failed.
        if (hasNews(replayed)) this.#options.onReplay?.(replayed)
        throw fault
      },
      { anyway: true },
    )
  }

  close(): Promise<void> {
    return this.#board.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /**
   * Delivers the outbox, then makes the call. Both must fit into the time of one call, unless the call itself
   * waits.
   */
  #caughtUp<T>(ask: () => Promise<T>, waits = false): Promise<T> {
    return this.#contacted(async () => {
      if (!this.#hasQueued()) return ask()
      const deadline = Deadline.after(this.#options.deadlineMs)
      await this.#catchUp()
      return waits ? ask() : this.#inTime(deadline, ask())
    }, waits)
  }

  /**
   * Delivers the outbox, then makes the call. If either fails as undelivered, the call goes to the outbox.
   */
  async #delivered<T>(
    say: () => Promise<T>,
    toQueue: () => QueuedVerb | undefined | Promise<QueuedVerb | undefined>,
    waits = false,
  ): Promise<T> {
    try {
      return await this.#contacted(async () => {
        if (!this.#hasQueued()) return say()
        const deadline = Deadline.after(this.#options.deadlineMs)
        const drain = await this.#catchUp()
        if (drain?.holdsBack(this.session.id)) throw drain.fault ?? notYet(drain.replayed.left)
        return waits ? say() : this.#inTime(deadline, say())
      }, waits)
    } catch (error) {
      if (!isFault(error) || !UNDELIVERED.has(error.code)) throw error
      throw await this.#queued(error, await toQueue())
    }
  }

  #inTime<T>(deadline: Deadline, answer: Promise<T>): Promise<T> {
    return deadline.race(answer, () => tooLate(deadline.ms))
  }

  /** A waiting claim asks repeatedly, so it must not fail because the breaker is open for a moment. */
  #contacted<T>(ask: () => Promise<T>, waits: boolean): Promise<T> {
    return this.#queue.breaker.call(ask, { anyway: waits })
  }

  /**
   * Delivers the outbox. A failure of single entries doesn't keep the call from being made.
   *
   * @throws PresenceError if the server can't be reached
   */
  async #catchUp(): Promise<Drain | undefined> {
    const deadline = Deadline.after(this.#options.deadlineMs * REPLAY_SHARE)
    try {
      const drain = await drainQueue(this.#queue, this.#replays, deadline)
      // Entries that need another token are reported by `sync` only: this session can do nothing about them.
      if (hasNews(drain.replayed) || (drain.replayed.left > 0 && drain.fault === undefined))
        this.#options.onReplay?.(drain.replayed)
      if (isOutage(drain.fault)) throw drain.fault
      this.#queue.breaker.heard()
      return drain
    } catch (error) {
      this.#tellTrouble(error)
      return undefined
    }
  }

  #hasQueued(): boolean {
    try {
      return !this.#queue.isEmpty
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

  async #queued(fault: PresenceError, verb: QueuedVerb | undefined): Promise<PresenceError> {
    if (!verb || this.#options.deliverOnly) return fault
    const operation = { id: crypto.randomUUID(), at: Date.now(), session: this.session, ...verb }
    // The caller has already waited for the server, so wait only briefly for the outbox.
    const queued = await this.#queue.append(operation, Deadline.after(300)).catch(error => {
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
