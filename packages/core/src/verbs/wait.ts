import { monotonicMs } from '../deadline.ts'
import type { Claim } from '../domain/claim.ts'
import { PresenceError } from '../domain/fault.ts'
import type { Outcome, Refused } from '../domain/refusal.ts'
import { type Acquired, newNonce } from './acquire.ts'
import type { Look, LookOptions } from './look.ts'

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
}

/** From one look to the next, in milliseconds: whoever is next is there within a second of a release. */
const LOOKS_MS = 250
const LOOKS_BEHIND_MS = 500
/** From one sign of life to the next, in milliseconds: two may be lost before a place is. */
const LIVES_MS = 2_000

/** The single calls that a wait in turn is made of, each within the time of one. */
export interface TurnSteps {
  /** Takes the label at once, as what this nonce stands for, unless it is held or waited for. */
  readonly acquire: (nonce: string) => Promise<Outcome<Acquired>>
  /** Looks whether it is this waiter's turn, and takes the label if so. */
  readonly look: (how: LookOptions) => Promise<Outcome<Look>>
  /** Leaves the queue. */
  readonly leave: (waiter: string) => Promise<unknown>
}

/** Acquires a label at once or in turn, first come first served. A waiter that dies, or is told to leave, leaves the queue. */
export async function acquireInTurn(
  label: string,
  sessionId: string,
  steps: TurnSteps,
  wait: WaitOptions,
  // One for all tries: what an answer that was lost had taken is known again.
  nonce: string,
): Promise<Outcome<Acquired>> {
  const from = monotonicMs()
  const first = await steps.acquire(nonce)
  if (first.ok || first.refusal.code !== 'held' || wait.waitMs <= 0 || isHeldBy(sessionId, first))
    return first
  return new Queueing(label, steps, nonce, wait, from).run(first)
}

/** Nobody waits for itself. */
function isHeldBy(sessionId: string, { refusal }: Refused): boolean {
  return 'holders' in refusal && refusal.holders.some(({ session: { id } }) => id === sessionId)
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
  readonly #label: string
  readonly #steps: TurnSteps
  readonly #nonce: string
  readonly #wait: WaitOptions
  readonly #from: number
  readonly #waiter = newNonce()
  #livedAt = Number.NEGATIVE_INFINITY

  constructor(label: string, steps: TurnSteps, nonce: string, wait: WaitOptions, from: number) {
    this.#label = label
    this.#steps = steps
    this.#nonce = nonce
    this.#wait = wait
    this.#from = from
  }

  async run(first: Refused): Promise<Outcome<Acquired>> {
    let last: Refused | PresenceError = first
    try {
      for (;;) {
        const looked: Outcome<Look> | Faulty = await this.#look().catch(asFault)
        if ('fault' in looked) last = looked.fault
        else if (!looked.ok) return looked
        else if (looked.acquired) return { ok: true, ...looked.acquired }
        else if (looked.held) last = { ok: false, refusal: looked.held }
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
      await this.#steps.leave(this.#waiter).catch(() => {})
    }
    if (last instanceof PresenceError) throw last
    return last
  }

  get #waitedMs(): number {
    return monotonicMs() - this.#from
  }

  async #look(): Promise<Outcome<Look>> {
    const stay = monotonicMs() - this.#livedAt >= LIVES_MS
    const from = monotonicMs()
    const looked = await this.#steps.look({ nonce: this.#nonce, waiter: this.#waiter, stay })
    if (stay) this.#livedAt = from
    return looked
  }

  #tell(looked: Look | Faulty): void {
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
