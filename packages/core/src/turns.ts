import type { ClaimOptions, ExclusiveOptions } from './board.ts'
import { PresenceError } from './domain/fault.ts'
import { accept, type Checked, type Outcome } from './domain/refusal.ts'
import { parseWait } from './domain/wait.ts'
import { Lease, now } from './lease.ts'
import type { Steps } from './steps.ts'
import type { Acquired } from './verbs/acquire.ts'
import type { Claimed } from './verbs/claim.ts'
import { acquireInTurn, type Turn, type TurnSteps, untilFree, type WaitOptions } from './verbs/wait.ts'

/** Claims that wait, and leases, made of a board's single calls: the same on a store and over HTTP. */
export class Turns {
  readonly #steps: Steps
  readonly #sessionId: string
  readonly #leases = new Set<Lease>()

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
    const steps: TurnSteps = {
      acquire: nonce => this.#steps.acquire(label, options, { again, nonce }),
      look: how => this.#steps.look(label, options, { again, ...how }),
      leave: waiter => this.#steps.leave(label, { waiter }),
    }
    return acquireInTurn(label, this.#sessionId, steps, wait.value)
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

  /** Keeps no lease alive any longer. What is left of one is its expiry: whoever closes a board without releasing may mean to. */
  stop(): void {
    for (const lease of this.#leases) lease.stop()
  }
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
