import type { ClaimOptions, ExclusiveOptions, SharedOptions } from './board.ts'
import { isExclusive } from './domain/claim.ts'
import { PresenceError } from './domain/fault.ts'
import { accept, type Checked, type Outcome } from './domain/refusal.ts'
import { parseWait } from './domain/wait.ts'
import { parseWriteKey } from './domain/write-key.ts'
import { Lease, now } from './lease.ts'
import type { Steps } from './steps.ts'
import { UnconfirmedGrants } from './unconfirmed-grants.ts'
import { type Acquired, newNonce } from './verbs/acquire.ts'
import type { Claimed } from './verbs/claim.ts'
import { acquireInTurn, type Turn, type TurnSteps, untilFree, type WaitOptions } from './verbs/wait.ts'

/** How long closing a board may take to take back claims whose answers were lost, in milliseconds. */
const TAKE_BACK_MS = 200

/** Waiting claims and leases, made of a board's single calls. The same code runs on a store and over HTTP. */
export class LeaseClient {
  readonly #steps: Steps
  readonly #sessionId: string
  readonly #leases = new Set<Lease>()
  readonly #unconfirmed = new UnconfirmedGrants()

  constructor(steps: Steps, sessionId: string) {
    this.#steps = steps
    this.#sessionId = sessionId
  }

  async claim(label: string, options: SharedOptions): Promise<Outcome<Claimed>> {
    const wait = waitOf(options)
    if (!wait.ok) return wait
    const key = options.writeKey === undefined ? undefined : parseWriteKey(options.writeKey)
    if (key && !key.ok) return key
    const claimed = await untilFree(() => this.#steps.claim(label, options), wait.value)
    if (claimed.ok && isExclusive(claimed.claim)) this.#unconfirmed.settle(claimed.claim.label)
    return claimed
  }

  /** @param again return the claim that this session already holds */
  async acquire(
    label: string,
    options: ExclusiveOptions,
    again: boolean,
    nonce = newNonce(),
  ): Promise<Outcome<Acquired>> {
    const wait = waitOf(options)
    if (!wait.ok) return wait
    const steps: TurnSteps = {
      acquire: nonce =>
        this.#unconfirmed.during(label, nonce, this.#steps.acquire(label, options, { again, nonce })),
      look: how =>
        this.#unconfirmed.during(label, nonce, this.#steps.look(label, options, { again, ...how })),
      leave: waiter => this.#steps.leave(label, { waiter }),
    }
    const acquired = await acquireInTurn(label, this.#sessionId, steps, wait.value, nonce)
    if (acquired.ok) this.#unconfirmed.settle(acquired.claim.label)
    return acquired
  }

  async lease(label: string, options: ExclusiveOptions): Promise<Outcome<{ readonly lease: Lease }>> {
    let from = now()
    // The claim is sent after the last look of the wait, so count its life from before that look.
    const onWait = (turn: Turn) => {
      from = now()
      options.onWait?.(turn)
    }
    const nonce = newNonce()
    const acquired = await this.acquire(label, { ...options, onWait }, false, nonce)
    if (!acquired.ok) return acquired
    const { claim } = acquired
    const { label: held, token } = claim
    const lease = new Lease(acquired, from, {
      renew: async () => certain(await this.#steps.renew(held, token)),
      verify: async () => certain(await this.#steps.verify(held, token)),
      release: async () => certain(await this.#steps.giveBack(held, token, { nonce, known: claim })).held,
    })
    this.#leases.add(lease)
    return { ok: true, lease }
  }

  /**
   * Stops extending leases. They then last until they expire: a caller who closes a board without releasing
   * may want that. No caller knows of the claims whose answers were lost, so they are taken back if the board
   * can be reached in time.
   */
  async stop(): Promise<void> {
    for (const lease of this.#leases) lease.stop()
    await Promise.allSettled(
      this.#unconfirmed
        .takeAll()
        .map(([nonce, label]) => this.#steps.leave(label, { nonce, withinMs: TAKE_BACK_MS })),
    )
  }
}

function waitOf({ wait, signal, onWait }: ClaimOptions): Checked<WaitOptions> {
  const waitMs = parseWait(wait)
  return waitMs.ok ? accept({ waitMs: waitMs.value, signal, onWait }) : waitMs
}

/** The label and the token come from the board itself, so a refusal of them is a fault. */
function certain<T>(said: Outcome<T>): T {
  if (said.ok) return said
  throw new PresenceError('unexpected', said.refusal.message, said.refusal.remedy)
}
