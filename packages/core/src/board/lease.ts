import type { Acquired } from '../claims/acquire.ts'
import type { Verified } from '../claims/verify.ts'
import { monotonicMs } from '../deadline.ts'
import type { Claim } from '../domain/claim.ts'
import { PresenceError } from '../domain/fault.ts'

/**
 * A moment on both clocks of this host: the monotonic clock, which stops while a laptop sleeps, and the wall
 * clock, which can be set.
 */
export interface Moment {
  readonly monotonicMs: number
  readonly wallMs: number
}

export function now(): Moment {
  return { monotonicMs: monotonicMs(), wallMs: Date.now() }
}

/** Milliseconds since `from`, by the clock that shows more: neither can be trusted alone. */
function msSince(from: Moment): number {
  const at = now()
  return Math.max(at.monotonicMs - from.monotonicMs, at.wallMs - from.wallMs)
}

/** The calls that a lease makes to its board. */
interface LeaseBoard {
  /** Extends the lease, and checks whether it is still held. */
  renew(): Promise<Verified>
  verify(): Promise<Verified>
  /** @returns whether it was still held */
  release(): Promise<boolean>
}

/** The fraction of a lease's life between two heartbeats: two may be lost before the lease ends. */
const RENEWED_AFTER = 1 / 3
/**
 * The signal fires when this fraction of the lease's life is left, so that the work under it can stop in
 * time.
 */
const STOPS_BEFORE = 1 / 10
/**
 * The longest time between two looks at the clocks, in milliseconds. After a sleep, a timer continues as if
 * no time had passed.
 */
const TICK_MS_MAX = 1_000
/**
 * How often to ask the board whether the lease is still held, in milliseconds: it may be stolen at any time.
 */
const LOOKS_MS = 2_000

/**
 * An exclusive claim that is kept alive until it is released or lost. The board decides who holds the label:
 * {@link Board.acquire}, which makes a lease, says what it can't promise.
 */
export interface Lease extends AsyncDisposable {
  /** The label as stored on the board. */
  readonly label: string
  /** The fencing token. It is higher than every earlier token of this label. */
  readonly token: number
  /** The claim as it was granted. Heartbeats have extended it since. */
  readonly claim: Claim
  /** Live shared claims of other sessions on the label, which `overShared` left in place. */
  readonly others: readonly Claim[]
  /** Claims of other sessions on the label that lapsed. The work they were about may be half done. */
  readonly lapsed: readonly Claim[]
  /**
   * Fires when the lease is lost, or when only a tenth of its life is certain to be left. Stop the work then.
   * Its reason is a {@link PresenceError} with the code `lease_lost`. A steal is noticed within about 2 s.
   */
  readonly signal: AbortSignal
  /**
   * The earliest time at which the lease can expire if no further heartbeat succeeds, by this host's clock.
   */
  readonly deadline: Date
  /**
   * Asks the board whether the token is still the current one. Call it right before you change something. If
   * the answer is false, `signal` has fired.
   *
   * @throws {@link PresenceError} if the board gives no answer
   */
  verify(): Promise<boolean>
  /**
   * Releases the label. A label that another session holds by now is left alone. `await using` calls this
   * method.
   *
   * @returns whether the lease was still held
   * @throws {@link PresenceError} if the board gives no answer: the claim then lasts until it expires
   */
  release(): Promise<boolean>
  /** Stops extending the lease: it lasts until its deadline. */
  stop(): void
}

/**
 * A lease on a board. It only knows how long it lasts at least: it counts from just before the last
 * successful request was sent.
 */
export class BoardLease implements Lease {
  readonly label: string
  readonly token: number
  readonly claim: Claim
  readonly others: readonly Claim[]
  readonly lapsed: readonly Claim[]
  readonly #board: LeaseBoard
  readonly #lost = new AbortController()
  readonly #ticker: NodeJS.Timeout
  /** `#lifeMs` milliseconds of life were left at this moment, as far as is known. */
  #from: Moment
  #lifeMs: number
  #lookedAt: Moment
  #asking = false

  /** @param from a moment before the claim was sent */
  constructor({ claim, others, lapsed }: Acquired, from: Moment, board: LeaseBoard) {
    this.label = claim.label
    this.token = claim.token
    this.claim = claim
    this.others = others
    this.lapsed = lapsed
    this.#board = board
    this.#from = from
    this.#lifeMs = this.#ttlMs
    this.#lookedAt = from
    this.#ticker = setInterval(() => this.#tick(), Math.min(TICK_MS_MAX, this.#ttlMs / 20))
    this.#ticker.unref()
  }

  get signal(): AbortSignal {
    return this.#lost.signal
  }

  get deadline(): Date {
    return new Date(Date.now() + this.#lifeMs - msSince(this.#from))
  }

  async verify(): Promise<boolean> {
    return this.#learn(now(), await this.#board.verify())
  }

  async release(): Promise<boolean> {
    this.stop()
    // Also if it could not be renewed in time: it may still be live.
    return this.#board.release()
  }

  stop(): void {
    clearInterval(this.#ticker)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release()
  }

  get #ttlMs(): number {
    return this.claim.ttlSeconds * 1_000
  }

  #tick(): void {
    const gone = msSince(this.#from)
    if (this.#lifeMs - gone <= this.#ttlMs * STOPS_BEFORE)
      this.#lose(`the lease on ${this.label} (token ${this.token}) could not be renewed in time`)
    else if (this.#asking) return
    else if (this.#lifeMs - gone <= this.#ttlMs * (1 - RENEWED_AFTER))
      void this.#ask(() => this.#board.renew())
    else if (msSince(this.#lookedAt) >= LOOKS_MS) void this.#ask(() => this.#board.verify())
  }

  async #ask(question: () => Promise<Verified>): Promise<void> {
    this.#asking = true
    const from = now()
    try {
      this.#learn(from, await question())
    } catch {
      // Ignore: the board gave no answer, and the next tick asks again, until it is too late.
    } finally {
      this.#asking = false
    }
  }

  /** @param from a moment before the board was asked */
  #learn(from: Moment, { current, holder, asOf }: Verified): boolean {
    this.#lookedAt = from
    if (!current || !holder) {
      this.#lose(
        `the lease on ${this.label} (token ${this.token}) is lost: this session no longer holds the label`,
      )
      return false
    }
    this.#from = from
    this.#lifeMs = holder.expiresAt.getTime() - asOf.getTime()
    return true
  }

  #lose(message: string): void {
    this.stop()
    if (!this.#lost.signal.aborted)
      this.#lost.abort(new PresenceError('lease_lost', message, 'stop, and look at what is half done'))
  }
}
