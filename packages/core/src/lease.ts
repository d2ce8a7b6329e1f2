import { monotonicMs } from './deadline.ts'
import type { Claim } from './domain/claim.ts'
import { PresenceError } from './domain/fault.ts'
import type { Acquired } from './verbs/acquire.ts'
import type { Verified } from './verbs/verify.ts'

/** A moment by both of this host's clocks: the one that stops while a laptop sleeps, and the one that is set. */
export interface Moment {
  readonly monotonicMs: number
  readonly wallMs: number
}

export function now(): Moment {
  return { monotonicMs: monotonicMs(), wallMs: Date.now() }
}

/** Milliseconds since `from`: by the clock that says more, for neither may be trusted alone. */
function msSince(from: Moment): number {
  const at = now()
  return Math.max(at.monotonicMs - from.monotonicMs, at.wallMs - from.wallMs)
}

/** What a lease asks of its board. */
interface LeaseBoard {
  /** Extends it, and asks whether it is still held. */
  renew(): Promise<Verified>
  verify(): Promise<Verified>
  /** @returns whether it was still held */
  release(): Promise<boolean>
}

/** A third of a lease's life goes by between two heartbeats: two may be lost. */
const RENEWED_AFTER = 1 / 3
/** The part of its life before a lease's end at which whoever works under it is told to stop. */
const STOPS_BEFORE = 1 / 10
/** How often the clocks are looked at, at least, in milliseconds: after a sleep a timer goes on as if nothing had been. */
const TICK_MS_MAX = 1_000
/** How often the board is asked whether the lease is still held, in milliseconds: it may be stolen at any time. */
const LOOKS_MS = 2_000

/**
 * An exclusive claim while it is held: kept alive until it is released or lost. The board decides who holds it; this only
 * knows how long that can last at most, counted from before the last heartbeat was sent.
 */
export class Lease implements AsyncDisposable {
  readonly label: string
  /** Higher than every token before it on this label. */
  readonly token: number
  readonly claim: Claim
  /** Live shared claims of others, which the claim was made over. */
  readonly others: readonly Claim[]
  /** Claims of others on the label that expired without a release: what they were about may be half done. */
  readonly lapsed: readonly Claim[]
  readonly #board: LeaseBoard
  readonly #lost = new AbortController()
  readonly #ticker: NodeJS.Timeout
  /** Since when so much of its life is known to be left, in milliseconds. */
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

  /** Fires when the lease is lost, or can't be known to last for another tenth of its life: stop then. */
  get signal(): AbortSignal {
    return this.#lost.signal
  }

  /** Until when the lease lasts at least, by this host's clock, without another heartbeat. */
  get deadline(): Date {
    return new Date(Date.now() + this.#lifeMs - msSince(this.#from))
  }

  /** Asks the board whether the token is still the current one, at the moment of change. @throws PresenceError */
  async verify(): Promise<boolean> {
    return this.#learn(now(), await this.#board.verify())
  }

  /** Gives the label back. @returns whether it was still held: what was lost is left alone. @throws PresenceError */
  async release(): Promise<boolean> {
    this.stop()
    // Also where it could not be renewed in time: it may have lasted all the same.
    return this.#board.release()
  }

  /** Keeps it alive no longer: it lasts until its deadline. */
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
      // No answer: asked again at the next tick, until it is too late.
    } finally {
      this.#asking = false
    }
  }

  /** @param from a moment before the board was asked */
  #learn(from: Moment, { current, holder, asOf }: Verified): boolean {
    this.#lookedAt = from
    if (!current || !holder) {
      this.#lose(`the lease on ${this.label} (token ${this.token}) is another's, or nobody's`)
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
