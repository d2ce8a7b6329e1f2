import type { Ask } from '../calls/table.ts'
import type { Acquired } from '../claims/acquire.ts'
import type { Claimed } from '../claims/claim.ts'
import type { OwnInput } from '../claims/context.ts'
import type { Verified } from '../claims/verify.ts'
import { acquireInTurn, type Turn, type TurnSteps, untilFree, type WaitOptions } from '../claims/wait.ts'
import { Deadline } from '../deadline.ts'
import { isExclusive } from '../domain/claim.ts'
import { PresenceError } from '../domain/fault.ts'
import { accept, type Checked, type Outcome } from '../domain/refusal.ts'
import { parseWait } from '../domain/wait.ts'
import { newKey, parseWriteKey } from '../domain/write-key.ts'
import { BoardLease, type Lease, type Moment, now } from './lease.ts'
import type { ClaimOptions, ExclusiveOptions, SharedOptions } from './options.ts'
import { UnconfirmedGrants } from './unconfirmed-grants.ts'

/** How long closing a board may take to take back claims whose answers were lost, in milliseconds. */
const TAKE_BACK_MS = 200

/** Waiting claims and leases, made of a board's single calls. The same code runs on a store and over HTTP. */
export class LeaseClient {
  readonly #ask: Ask
  readonly #sessionId: string
  readonly #leases = new Set<Lease>()
  readonly #unconfirmed = new UnconfirmedGrants()

  constructor(ask: Ask, sessionId: string) {
    this.#ask = ask
    this.#sessionId = sessionId
  }

  async claim(label: string, options: SharedOptions): Promise<Outcome<Claimed>> {
    const wait = waitOf(options)
    if (!wait.ok) return wait
    const key = parseWriteKey(options.writeKey ?? newKey())
    if (!key.ok) return key
    const input = { ...ownInput(label, options), writeKey: key.value }
    const waits = wait.value.waitMs > 0
    let queues = true
    const attempt = async () => {
      const said = await this.#ask('claim', input, { waits, queues })
      // The caller is told of a refusal. So a later attempt must not go to the outbox: the caller wouldn't
      // know of it.
      queues &&= said.ok
      return said
    }
    const claimed = await untilFree(attempt, wait.value)
    if (claimed.ok && isExclusive(claimed.claim)) this.#unconfirmed.settle(claimed.claim.label)
    return claimed
  }

  /**
   * @param reentrant return the claim that this session already holds
   * @param deadline of the first attempt
   */
  async acquire(
    label: string,
    options: ExclusiveOptions,
    reentrant: boolean,
    writeKey = newKey(),
    deadline?: Deadline,
  ): Promise<Outcome<Acquired>> {
    const wait = waitOf(options)
    if (!wait.ok) return wait
    const input = { ...ownInput(label, options), overShared: options.overShared ?? false }
    const how = { waits: wait.value.waitMs > 0, ...(deadline ? { deadline } : {}) }
    const acquire = reentrant ? 'claim-exclusively' : 'acquire'
    const steps: TurnSteps = {
      acquire: writeKey =>
        this.#unconfirmed.during(label, writeKey, this.#ask(acquire, { ...input, writeKey }, how)),
      poll: how =>
        this.#unconfirmed.during(label, writeKey, this.#ask('poll', { ...input, reentrant, ...how })),
      leave: waiter => this.#ask('cancel-wait', { label, waiter }),
    }
    const acquired = await acquireInTurn(label, this.#sessionId, steps, wait.value, writeKey)
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
    const writeKey = newKey()
    const acquired = await this.acquire(label, { ...options, onWait }, false, writeKey)
    if (!acquired.ok) return acquired
    return { ok: true, lease: this.leaseOf(acquired, writeKey, from) }
  }

  /** Keeps an exclusive claim alive, from a moment before it was sent. */
  leaseOf(acquired: Acquired, writeKey: string, from: Moment): Lease {
    const { label, token } = acquired.claim
    const held = { label, token }
    const lease = new BoardLease(acquired, from, {
      renew: async () => certain(await this.#ask('renew', held)),
      verify: async () => certain(await this.#ask('verify', held)),
      release: async () => certain(await this.#ask('release-lease', { ...held, writeKey })).held,
    })
    this.#leases.add(lease)
    return lease
  }

  /** As the call `renew`: extends an exclusive claim, if the token is still current. */
  async renew({ label, token }: Acquired['claim']): Promise<Verified> {
    return certain(await this.#ask('renew', { label, token }))
  }

  /**
   * Ends an exclusive claim, unless another process of the session was granted it meanwhile. If this gets no
   * answer, it is tried once more when the board is closed.
   *
   * @throws PresenceError
   */
  async giveBack({ label, token }: Acquired['claim'], writeKey: string, deadline: Deadline): Promise<void> {
    await this.#unconfirmed.during(
      label,
      writeKey,
      this.#ask('release-lease', { label, token, writeKey }, { deadline }),
    )
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
        .map(([writeKey, label]) =>
          this.#ask('cancel-wait', { label, writeKey }, { deadline: Deadline.after(TAKE_BACK_MS) }),
        ),
    )
  }
}

/** The input of a claim call, without the options that only the waiting client uses. */
function ownInput(label: string, { purpose, ttl }: ClaimOptions): OwnInput {
  return ttl === undefined ? { label, purpose } : { label, purpose, ttl }
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
