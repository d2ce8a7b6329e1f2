import { type Deadline, monotonicMs } from '../deadline.ts'
import { isOutage, PresenceError } from '../domain/fault.ts'

/** Milliseconds between two probes of a database that is away: half of it and a random part, as servers may be many. */
const PROBE_EVERY_MS = 500
/** After so long a caller that was turned away may come back, in milliseconds. */
const RETRY_MS = 2_000
/** What comes when so many wait already is turned away: they would not be served in time (some 400 writes a second). */
const WAITING_MAX = 1_000

/** `doubted`: a call got no answer, and a probe decides. `away`: so did the probe. */
export type GateState = 'up' | 'doubted' | 'away'

/** What a call must have left, in milliseconds, to be let in after waiting: one that is given up on costs its connection. */
const WORK_MS = 500

/** The most that a call may stay inside, in milliseconds, whatever its caller would wait for: others wait behind it. */
const INSIDE_MS = 2_500

/** A database that answered somebody so many milliseconds ago is there. */
const ANSWERED_MS = 1_000

interface Waiting {
  readonly go: () => void
  readonly refuse: (fault: PresenceError) => void
}

/**
 * What many callers pass on their way to one database: as many statements at once as there are connections, the others in
 * turn. Those of a call that has begun go before all others: where each waited behind new calls, every call was given up on
 * half done (500 sessions that asked Dolt for twice what it can do got 2 answers a second). When the database stops answering, one probe at a time goes there, and everybody else is told so at once.
 */
export class Gate {
  readonly #slots: number
  readonly #ask: () => Promise<unknown>
  /** Those of calls that have begun, and the others. */
  readonly #begunWaiting = new Set<Waiting>()
  readonly #waiting = new Set<Waiting>()
  /** Calls, by their deadlines: all that one does shares one. */
  readonly #begun = new WeakSet<Deadline>()
  #state: GateState = 'up'
  #busy = 0
  #answeredAt = Number.NEGATIVE_INFINITY
  #fault: PresenceError | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false

  /**
   * @param slots how many may be inside at once
   * @param ask asks the database for anything, with a deadline of its own, past the gate
   */
  constructor(slots: number, ask: () => Promise<unknown>) {
    this.#slots = slots
    this.#ask = ask
  }

  get state(): GateState {
    return this.#state
  }

  /** How many wait for their turn. */
  get waiting(): number {
    return this.#waiting.size + this.#begunWaiting.size
  }

  /** @throws PresenceError what the work throws; `unreachable` at once while the database is away; `busy` for whose turn doesn't come */
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
      // Given up on while others were answered: it is there, and slow.
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

  /** One call without an answer may have been a slow one. */
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
      // Who answers that it won't is there.
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

  /** To whose turn did not come: where nobody else was answered either, it is no crowd that keeps the database. */
  #late(): PresenceError {
    return monotonicMs() - this.#answeredAt < ANSWERED_MS ? tooMany() : this.#away()
  }

  #away(): PresenceError {
    const { message = 'the database gives no answer', remedy = 'try again later', cause } = this.#fault ?? {}
    return new PresenceError('unreachable', message, remedy, { cause })
  }
}

/** With a moment to come back at: the board has not got what was said, as where nobody is there. */
function tooMany(): PresenceError {
  const retryAt = new Date(Date.now() + RETRY_MS)
  return new PresenceError('busy', 'too many wait for the board already', 'try again in a moment', {
    retryAt,
  })
}
