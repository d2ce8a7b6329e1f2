import type { ClaimOptions, ExclusiveOptions } from './board.ts'
import { PresenceError } from './domain/fault.ts'
import { accept, type Checked, type Outcome } from './domain/refusal.ts'
import { parseWait } from './domain/wait.ts'
import { Lease, now } from './lease.ts'
import type { Steps } from './steps.ts'
import { type Acquired, newNonce } from './verbs/acquire.ts'
import type { Claimed } from './verbs/claim.ts'
import { acquireInTurn, type Turn, type TurnSteps, untilFree, type WaitOptions } from './verbs/wait.ts'

/** What a board's closing may take to take back what may have been taken, in milliseconds. */
const TAKE_BACK_MS = 200

/** Claims that wait, and leases, made of a board's single calls: the same on a store and over HTTP. */
export class Turns {
  readonly #steps: Steps
  readonly #sessionId: string
  readonly #leases = new Set<Lease>()
  /** By their nonces, the labels that may be taken although this process was told so by nobody. */
  readonly #doubtful = new Map<string, string>()

  constructor(steps: Steps, sessionId: string) {
    this.#steps = steps
    this.#sessionId = sessionId
  }

  async claim(label: string, options: ClaimOptions): Promise<Outcome<Claimed>> {
    const wait = waitOf(options)
    if (!wait.ok) return wait
    return untilFree(() => this.#steps.claim(label, options), wait.value)
  }

  /** @param again gives me what I hold already */
  async acquire(label: string, options: ExclusiveOptions, again: boolean): Promise<Outcome<Acquired>> {
    const wait = waitOf(options)
    if (!wait.ok) return wait
    const nonce = newNonce()
    const noting = <T>(asked: Promise<T>): Promise<T> =>
      asked.catch(error => {
        if (isLost(error)) this.#doubtful.set(nonce, label)
        throw error
      })
    const steps: TurnSteps = {
      acquire: nonce => noting(this.#steps.acquire(label, options, { again, nonce })),
      look: how => noting(this.#steps.look(label, options, { again, ...how })),
      leave: waiter => this.#steps.leave(label, { waiter }),
    }
    const acquired = await acquireInTurn(label, this.#sessionId, steps, wait.value, nonce)
    if (acquired.ok) this.#doubtful.delete(nonce)
    return acquired
  }

  async lease(label: string, options: ExclusiveOptions): Promise<Outcome<{ readonly lease: Lease }>> {
    let from = now()
    // The claim is sent after the wait's last look: its life is counted from before that.
    const onWait = (turn: Turn) => {
      from = now()
      options.onWait?.(turn)
    }
    const acquired = await this.acquire(label, { ...options, onWait }, false)
    if (!acquired.ok) return acquired
    const { claim } = acquired
    const { label: held, token } = claim
    const lease = new Lease(acquired, from, {
      renew: async () => certain(await this.#steps.renew(held, token)),
      verify: async () => certain(await this.#steps.verify(held, token)),
      release: async () => certain(await this.#steps.giveBack(held, token, claim)).held,
    })
    this.#leases.add(lease)
    return { ok: true, lease }
  }

  /**
   * Keeps no lease alive any longer. What is left of one is its expiry: whoever closes a board without releasing may mean to.
   * What may have been taken in an answer that was lost is nobody's, and taken back, if the board hears it in time.
   */
  async stop(): Promise<void> {
    for (const lease of this.#leases) lease.stop()
    const doubtful = [...this.#doubtful]
    this.#doubtful.clear()
    await Promise.allSettled(
      doubtful.map(([nonce, label]) => this.#steps.leave(label, { nonce, withinMs: TAKE_BACK_MS })),
    )
  }
}

/** Was the board asked, and nobody knows what it did? A server that says when to come back has taken back itself what it did. */
function isLost(error: unknown): boolean {
  if (!(error instanceof PresenceError) || error.retryAt) return false
  return error.code === 'unreachable' || error.code === 'busy'
}

function waitOf({ wait, signal, onWait }: ClaimOptions): Checked<WaitOptions> {
  const waitMs = parseWait(wait)
  return waitMs.ok ? accept({ waitMs: waitMs.value, signal, onWait }) : waitMs
}

/** The label and the token are the board's own: that they are refused is a fault. */
function certain<T>(said: Outcome<T>): T {
  if (said.ok) return said
  throw new PresenceError('unexpected', said.refusal.message, said.refusal.remedy)
}
