import { monotonicMs } from '../deadline.ts'
import type { Claim } from '../domain/claim.ts'
import { needsFix, PresenceError } from '../domain/fault.ts'
import type { Outcome, Refused } from '../domain/refusal.ts'
import { newKey } from '../domain/write-key.ts'
import { sleep } from '../sleep.ts'
import type { Acquired } from './acquire.ts'
import type { Polled, PollOptions } from './poll.ts'

/** The state of a wait. */
export interface Turn {
  /** The label that is waited for. */
  readonly label: string
  /** How many others come first. */
  readonly ahead: number
  /** The claims on the label now. Empty if the label is about to be taken. */
  readonly holders: readonly Claim[]
  /** The database's time when this state was read. Undefined if the board did not answer. */
  readonly asOf: Date | undefined
  /** How long the wait has lasted, in milliseconds. */
  readonly waitedMs: number
  /** Set if the board did not answer this time. It is asked again. */
  readonly fault: PresenceError | undefined
}

export interface WaitOptions {
  readonly waitMs: number
  /** Leaves the wait queue. */
  readonly signal: AbortSignal | undefined
  readonly onWait: ((turn: Turn) => void) | undefined
}

/**
 * The time between two looks, in milliseconds: the next waiter gets the label within a second of a release.
 */
const LOOKS_MS = 250
const LOOKS_BEHIND_MS = 500
/** The time between two signs of life, in milliseconds: two may be lost before the place is lost. */
const LIVES_MS = 2_000

/** The single calls that waiting is made of. Each ends within the time of one call. */
export interface TurnSteps {
  /** Takes the label at once with this write key, unless it is held or others wait for it. */
  readonly acquire: (writeKey: string) => Promise<Outcome<Acquired>>
  /** Checks whether it is this waiter's turn, and takes the label if so. */
  readonly poll: (how: PollOptions) => Promise<Outcome<Polled>>
  /** Leaves the wait queue. */
  readonly leave: (waiter: string) => Promise<unknown>
}

/**
 * Acquires a label at once or after waiting, first come first served. A waiter that dies, or whose signal
 * fires, leaves the wait queue.
 */
export async function acquireInTurn(
  label: string,
  sessionId: string,
  steps: TurnSteps,
  wait: WaitOptions,
  // One write key for all attempts, so that a claim whose answer was lost is recognized.
  writeKey: string,
): Promise<Outcome<Acquired>> {
  const from = monotonicMs()
  const first = await steps.acquire(writeKey)
  if (first.ok || first.refusal.code !== 'held' || wait.waitMs <= 0 || isHeldBy(sessionId, first))
    return first
  return new Queueing(label, steps, writeKey, wait, from).run(first)
}

/** A session does not wait for itself. */
function isHeldBy(sessionId: string, { refusal }: Refused): boolean {
  return 'holders' in refusal && refusal.holders.some(({ session: { id } }) => id === sessionId)
}

/** Makes a shared claim, and repeats the attempt while the label is held exclusively. */
export async function untilFree<T extends { readonly ok: true }>(
  claim: () => Promise<T | Refused>,
  { waitMs, signal, onWait }: WaitOptions,
): Promise<T | Refused> {
  const from = monotonicMs()
  let last: Refused | undefined
  for (;;) {
    // If an attempt after a refusal fails, return that refusal: the fault must not hide it.
    const claimed: T | Refused = await claim().catch(error => {
      if (last && error instanceof PresenceError) return last
      throw error
    })
    const left = waitMs - (monotonicMs() - from)
    if (claimed.ok || claimed.refusal.code !== 'held' || left <= 0 || signal?.aborted) return claimed
    last = claimed
    const { label, holders, asOf } = claimed.refusal
    onWait?.({ label, ahead: 0, holders, asOf, waitedMs: waitMs - left, fault: undefined })
    await sleep(Math.min(LOOKS_BEHIND_MS, left), { signal })
    if (signal?.aborted) return claimed
  }
}

class Queueing {
  readonly #label: string
  readonly #steps: TurnSteps
  readonly #writeKey: string
  readonly #wait: WaitOptions
  readonly #from: number
  readonly #waiter = newKey()
  #livedAt = Number.NEGATIVE_INFINITY

  constructor(label: string, steps: TurnSteps, writeKey: string, wait: WaitOptions, from: number) {
    this.#label = label
    this.#steps = steps
    this.#writeKey = writeKey
    this.#wait = wait
    this.#from = from
  }

  async run(first: Refused): Promise<Outcome<Acquired>> {
    let last: Refused | PresenceError = first
    try {
      for (;;) {
        const looked: Outcome<Polled> | Faulty = await this.#look().catch(asFault)
        if ('fault' in looked) {
          last = looked.fault
          // Waiting doesn't help: somebody has to correct something first.
          if (needsFix(last)) break
        } else if (!looked.ok) return looked
        else if (looked.acquired) return { ok: true, ...looked.acquired }
        else if (looked.held) last = { ok: false, refusal: looked.held }
        const left = this.#wait.waitMs - this.#waitedMs
        if (left <= 0 || this.#wait.signal?.aborted) break
        this.#tell(looked)
        // The second in the queue looks as often as the first: a turn may be short.
        const behind = 'fault' in looked || looked.ahead > 1
        await sleep(Math.min(behind ? LOOKS_BEHIND_MS : LOOKS_MS, left), { signal: this.#wait.signal })
        if (this.#wait.signal?.aborted) break
      }
    } finally {
      // If the board can't be reached, the place is lost because the waiter gives no sign of life.
      await this.#steps.leave(this.#waiter).catch(() => {})
    }
    if (last instanceof PresenceError) throw last
    return last
  }

  get #waitedMs(): number {
    return monotonicMs() - this.#from
  }

  async #look(): Promise<Outcome<Polled>> {
    const keepAlive = monotonicMs() - this.#livedAt >= LIVES_MS
    const from = monotonicMs()
    const looked = await this.#steps.poll({ writeKey: this.#writeKey, waiter: this.#waiter, keepAlive })
    if (keepAlive) this.#livedAt = from
    return looked
  }

  #tell(looked: Polled | Faulty): void {
    const waited = { label: this.#label, waitedMs: this.#waitedMs }
    this.#wait.onWait?.(
      'fault' in looked
        ? { ...waited, ahead: 0, holders: [], asOf: undefined, fault: looked.fault }
        : { ...waited, ahead: looked.ahead, holders: looked.holders, asOf: looked.asOf, fault: undefined },
    )
  }
}

interface Faulty {
  readonly fault: PresenceError
}

function asFault(error: unknown): Faulty {
  if (error instanceof PresenceError) return { fault: error }
  throw error
}
