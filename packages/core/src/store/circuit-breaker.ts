import { type Deadline, monotonicMs } from '../deadline.ts'
import { isOutage, PresenceError } from '../domain/fault.ts'

/**
 * The longest time between two probes of a database that is away, in milliseconds. The actual time is random
 * between half of this and all of it, because there may be many servers.
 */
const PROBE_EVERY_MS = 500
/** When a refused caller may try again, in milliseconds. */
const RETRY_MS = 2_000
/**
 * Calls are refused while this many wait already: they would not be served in time (at some 400 writes a
 * second).
 */
const WAITING_MAX = 1_000

/** `doubted`: a call got no answer, and a probe is under way. `away`: the probe got no answer either. */
export type BreakerState = 'up' | 'doubted' | 'away'

/**
 * A call that has waited is let in only if at least this much of its time is left, in milliseconds: a call that
 * is given up costs its connection.
 */
const WORK_MS = 500

/**
 * The longest time that a call may stay inside, in milliseconds, even if its own deadline is later, because
 * others wait behind it.
 */
const INSIDE_MS = 2_500

/** A database that answered any call within this time, in milliseconds, is up. */
const ANSWERED_MS = 1_000

interface Waiting {
  readonly go: () => void
  readonly refuse: (fault: PresenceError) => void
}

/**
 * The circuit breaker that the calls of many callers pass on their way to one database. It lets in as many
 * statements at once as there are connections, and the others in turn. Statements of a started call go before
 * those of new calls. Without this rule, calls timed out half done: 500 sessions that asked Dolt for twice
 * its capacity got 2 answers a second. When the database stops answering, one probe at a time goes to it, and
 * all other calls fail at once.
 */
export class CircuitBreaker {
  readonly #slots: number
  readonly #ask: () => Promise<unknown>
  /** Statements of calls that have started, and those of new calls. */
  readonly #begunWaiting = new Set<Waiting>()
  readonly #waiting = new Set<Waiting>()
  /** The calls that have started, by their deadline: all statements of a call share one. */
  readonly #begun = new WeakSet<Deadline>()
  #state: BreakerState = 'up'
  #busy = 0
  #answeredAt = Number.NEGATIVE_INFINITY
  #fault: PresenceError | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false

  /**
   * @param slots how many statements may be inside at once
   * @param ask asks the database for anything, with its own deadline, past the breaker
   */
  constructor(slots: number, ask: () => Promise<unknown>) {
    this.#slots = slots
    this.#ask = ask
  }

  get state(): BreakerState {
    return this.#state
  }

  /** How many statements wait for their turn. */
  get waiting(): number {
    return this.#waiting.size + this.#begunWaiting.size
  }

  /**
   * @throws PresenceError what the work throws; `unreachable` at once while the database is away; `busy` if
   *   its turn doesn't come in time
   */
  async pass<T>(deadline: Deadline, work: (within: Deadline) => Promise<T>): Promise<T> {
    if (this.#state === 'away') throw this.#away()
    if (this.#busy >= this.#slots || this.#state === 'doubted') await this.#turn(deadline)
    else this.#busy++
    this.#begun.add(deadline)
    const within = deadline.within(INSIDE_MS)
    try {
      const result = await work(within)
      this.#answeredAt = monotonicMs()
      return result
    } catch (error) {
      if (!isOutage(error)) throw error
      this.#doubt(error)
      // Others were answered while this call was given up: the database is up, and slow.
      const isSlow = within.passed && monotonicMs() - this.#answeredAt < ANSWERED_MS
      throw isSlow ? tooMany() : error
    } finally {
      this.#busy--
      this.#admit()
    }
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #turn(deadline: Deadline): Promise<void> {
    const begun = this.#begun.has(deadline)
    const queue = begun ? this.#begunWaiting : this.#waiting
    const patience = deadline.remainingMs() - (begun ? 0 : WORK_MS)
    if (queue.size >= WAITING_MAX || patience <= 0) return Promise.reject(this.#late())
    return new Promise((resolve, reject) => {
      const leave = () => {
        queue.delete(me)
        clearTimeout(timer)
      }
      const me: Waiting = {
        go: () => {
          leave()
          this.#busy++
          resolve()
        },
        refuse: fault => {
          leave()
          reject(fault)
        },
      }
      const timer = setTimeout(() => me.refuse(this.#late()), patience)
      queue.add(me)
    })
  }

  #admit(): void {
    if (this.#state !== 'up') return
    for (const next of this.#inTurn()) {
      if (this.#busy >= this.#slots) return
      next.go()
    }
  }

  *#inTurn(): Generator<Waiting> {
    yield* this.#begunWaiting
    yield* this.#waiting
  }

  /** A call without an answer may just have been slow, so probe before refusing others. */
  #doubt(fault: PresenceError): void {
    this.#fault = fault
    if (this.#state !== 'up' || this.#closed) return
    this.#state = 'doubted'
    void this.#probe()
  }

  async #probe(): Promise<void> {
    try {
      await this.#ask()
      this.#state = 'up'
      this.#admit()
    } catch (error) {
      // An error reply still means that the database is up.
      const isAway = !(error instanceof PresenceError) || isOutage(error)
      if (error instanceof PresenceError) this.#fault = error
      this.#state = isAway ? 'away' : 'up'
      if (!isAway) return this.#admit()
      for (const each of this.#inTurn()) each.refuse(this.#away())
      if (this.#closed) return
      this.#timer = setTimeout(() => void this.#probe(), PROBE_EVERY_MS * (0.5 + Math.random() / 2))
      this.#timer.unref()
    }
  }

  /**
   * The fault for a call whose turn didn't come in time. If no other call was answered either, the database
   * is away and not just busy.
   */
  #late(): PresenceError {
    return monotonicMs() - this.#answeredAt < ANSWERED_MS ? tooMany() : this.#away()
  }

  #away(): PresenceError {
    const { message = 'the database does not answer', remedy = 'try again later', cause } = this.#fault ?? {}
    return new PresenceError('unreachable', message, remedy, { cause })
  }
}

/** Names a time to retry. The call did not reach the board, as with an unreachable database. */
function tooMany(): PresenceError {
  const retryAt = new Date(Date.now() + RETRY_MS)
  return new PresenceError('busy', 'too many calls wait for the board already', 'try again in a moment', {
    retryAt,
  })
}
