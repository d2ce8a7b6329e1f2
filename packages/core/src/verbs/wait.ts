import { type Deadline, monotonicMs } from '../deadline.ts'
import { type Claim, isLive } from '../domain/claim.ts'
import { PresenceError } from '../domain/fault.ts'
import type { Outcome, Refused } from '../domain/refusal.ts'
import { othersOn } from '../domain/standing.ts'
import type { OwnClaim, Store, Waiter } from '../store/port.ts'
import { type Acquired, type AcquireOptions, acquire, newNonce } from './acquire.ts'

/** How a wait stands. */
export interface Turn {
  readonly label: string
  /** How many others come first. */
  readonly ahead: number
  /** Who is on the label now: nobody, where it is about to be taken. */
  readonly holders: readonly Claim[]
  /** The database's now of this, where it was reached. */
  readonly asOf: Date | undefined
  readonly waitedMs: number
  /** The board gave no answer this time; it is asked again. */
  readonly fault: PresenceError | undefined
}

export interface WaitOptions {
  readonly waitMs: number
  /** Leaves the queue. */
  readonly signal: AbortSignal | undefined
  readonly onWait: ((turn: Turn) => void) | undefined
  /** Each call's own. */
  readonly deadline: () => Deadline
}

/** From one look to the next, in milliseconds: whoever is next is there within a second of a release. */
const LOOKS_MS = 250
const LOOKS_BEHIND_MS = 500
/** From one sign of life to the next, in milliseconds: two may be lost before a place is. */
const LIVES_MS = 2_000

/** Acquires a label at once or in turn, first come first served. A waiter that dies, or is told to leave, leaves the queue. */
export async function acquireInTurn(
  store: Store,
  own: OwnClaim,
  options: Omit<AcquireOptions, 'waiter'>,
  wait: WaitOptions,
): Promise<Outcome<Acquired>> {
  const from = monotonicMs()
  // One for all tries: what an answer that was lost had taken is known again.
  const trying = { ...options, nonce: newNonce() }
  const first = await acquire(store, own, trying, wait.deadline())
  if (first.ok || first.refusal.code !== 'held' || wait.waitMs <= 0 || isHeldBy(own, first)) return first
  return new Queueing(store, own, trying, wait, from).run(first)
}

/** Nobody waits for itself. */
function isHeldBy({ session }: OwnClaim, { refusal }: Refused): boolean {
  return 'holders' in refusal && refusal.holders.some(({ session: { id } }) => id === session.id)
}

/** Claims a label as one of many: again and again while it is held exclusively. */
export async function untilFree<T extends { readonly ok: true }>(
  claim: () => Promise<T | Refused>,
  { waitMs, signal, onWait }: WaitOptions,
): Promise<T | Refused> {
  const from = monotonicMs()
  let last: Refused | undefined
  for (;;) {
    // Once it was refused, a lost answer is no reason to go on as if it had not been.
    const claimed: T | Refused = await claim().catch(error => {
      if (last && error instanceof PresenceError) return last
      throw error
    })
    const left = waitMs - (monotonicMs() - from)
    if (claimed.ok || claimed.refusal.code !== 'held' || left <= 0 || signal?.aborted) return claimed
    last = claimed
    const { label, holders, asOf } = claimed.refusal
    onWait?.({ label, ahead: 0, holders, asOf, waitedMs: waitMs - left, fault: undefined })
    await pause(Math.min(LOOKS_BEHIND_MS, left), signal)
    if (signal?.aborted) return claimed
  }
}

class Queueing {
  readonly #store: Store
  readonly #own: OwnClaim
  readonly #options: Omit<AcquireOptions, 'waiter'>
  readonly #wait: WaitOptions
  readonly #from: number
  readonly #waiter: Waiter
  #livedAt = Number.NEGATIVE_INFINITY

  constructor(
    store: Store,
    own: OwnClaim,
    options: Omit<AcquireOptions, 'waiter'>,
    wait: WaitOptions,
    from: number,
  ) {
    this.#store = store
    this.#own = own
    this.#options = options
    this.#wait = wait
    this.#from = from
    this.#waiter = { id: newNonce(), sessionId: own.session.id }
  }

  async run(first: Refused): Promise<Outcome<Acquired>> {
    let last: Refused | PresenceError = first
    try {
      for (;;) {
        const looked: Looked = await this.#look().catch(asFault)
        if ('acquired' in looked) return looked.acquired
        if ('fault' in looked) last = looked.fault
        else if (looked.refused) last = looked.refused
        const left = this.#wait.waitMs - this.#waitedMs
        if (left <= 0 || this.#wait.signal?.aborted) break
        this.#tell(looked)
        // The next but one looks as often as the next: a turn may be short.
        const behind = 'fault' in looked || looked.ahead > 1
        await pause(Math.min(behind ? LOOKS_BEHIND_MS : LOOKS_MS, left), this.#wait.signal)
        if (this.#wait.signal?.aborted) break
      }
    } finally {
      // Where nobody can be told, the place is given up by not being heard of.
      await this.#store.locks.leave(this.#own.label, this.#waiter, this.#wait.deadline()).catch(() => {})
    }
    if (last instanceof PresenceError) throw last
    return last
  }

  get #waitedMs(): number {
    return monotonicMs() - this.#from
  }

  async #look(): Promise<Looked> {
    const { label, session } = this.#own
    const deadline = this.#wait.deadline()
    if (monotonicMs() - this.#livedAt >= LIVES_MS) {
      await this.#store.locks.wait(label, this.#waiter, deadline)
      this.#livedAt = monotonicMs()
    }
    const lock = await this.#store.locks.read(label, this.#waiter, deadline)
    const { ahead = 0, claim, asOf } = lock ?? {}
    if (claim && asOf && isLive(claim, asOf) && lock?.nonce !== this.#options.nonce)
      return { ahead, holders: [claim], asOf }
    if (ahead > 0) return { ahead, holders: [], asOf }
    if (!this.#options.overShared) {
      // To take it and withdraw would refuse every shared claim that comes meanwhile.
      const snapshot = await this.#store.read({ label }, session.id, deadline)
      const holders = othersOn(snapshot, label, session.id)
      if (holders.length > 0) return { ahead, holders, asOf: snapshot.asOf }
    }
    const acquired = await acquire(
      this.#store,
      this.#own,
      { ...this.#options, waiter: this.#waiter },
      deadline,
    )
    if (acquired.ok || acquired.refusal.code !== 'held') return { acquired }
    return { ahead, holders: acquired.refusal.holders, asOf: acquired.refusal.asOf, refused: acquired }
  }

  #tell(looked: Exclude<Looked, { acquired: unknown }>): void {
    const waited = { label: this.#own.label, waitedMs: this.#waitedMs }
    this.#wait.onWait?.(
      'fault' in looked
        ? { ...waited, ahead: 0, holders: [], asOf: undefined, fault: looked.fault }
        : { ...waited, ahead: looked.ahead, holders: looked.holders, asOf: looked.asOf, fault: undefined },
    )
  }
}

type Looked =
  | { readonly acquired: Outcome<Acquired> }
  | { readonly fault: PresenceError }
  | {
      readonly ahead: number
      readonly holders: readonly Claim[]
      readonly asOf: Date | undefined
      readonly refused?: Refused
    }

function asFault(error: unknown): Looked {
  if (error instanceof PresenceError) return { fault: error }
  throw error
}

/** Waits, or until the signal. */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return
  await new Promise<void>(resolve => {
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal?.addEventListener('abort', end)
  })
}
