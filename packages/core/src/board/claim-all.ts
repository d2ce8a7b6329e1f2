import type { Acquired } from '../claims/acquire.ts'
import { Deadline, monotonicMs } from '../deadline.ts'
import { neverExpires } from '../domain/claim.ts'
import { PresenceError } from '../domain/fault.ts'
import { canonical } from '../domain/label.ts'
import type { Outcome, Refused } from '../domain/refusal.ts'
import { parseWait } from '../domain/wait.ts'
import { newKey } from '../domain/write-key.ts'
import { type Lease, now } from './lease.ts'
import type { LeaseClient } from './lease-client.ts'
import type { ExclusiveOptions } from './options.ts'

/** How long giving back may take at least, in milliseconds, if the call has no time left. */
const GIVE_BACK_MS = 300

/** Exclusive claims on several labels. */
export interface AllAcquired {
  /** The claims, in the order in which they were taken: that of their labels. */
  readonly all: readonly Acquired[]
}

/** One label that was granted. */
interface Taken {
  readonly acquired: Acquired
  readonly writeKey: string
  /** Keeps the claim alive while the others are waited for. A claim without an end needs none. */
  readonly lease: Lease | undefined
}

/**
 * Claims all the labels exclusively, or none. Every caller takes labels in the same order, so that no two callers wait
 * for each other. If one label can't be had, the claims that this call made are given back; a claim that the session
 * already held stays.
 *
 * @param callDeadline of one call: without `wait`, all of it takes no longer than one call
 */
export async function claimAll(
  client: LeaseClient,
  labels: readonly string[],
  options: ExclusiveOptions,
  callDeadline: () => Deadline,
): Promise<Outcome<AllAcquired>> {
  const wait = parseWait(options.wait)
  if (!wait.ok) return wait
  const waits = wait.value > 0
  const deadline = waits ? undefined : callDeadline()
  const taking = new Taking(client, options, wait.value, deadline)
  const giveBack = () =>
    taking.giveBack(
      deadline ? Deadline.after(Math.max(GIVE_BACK_MS, deadline.remainingMs())) : callDeadline(),
    )
  let refused: Refused | undefined
  try {
    for (const label of [...new Set(labels.map(canonical))].toSorted()) {
      const said = await taking.take(label)
      // A lost lease or an interruption says more than the refusal of the label that was waited for meanwhile.
      taking.check()
      if (said.ok) continue
      refused = said
      break
    }
    if (!refused) return { ok: true, all: waits ? await taking.renewed() : taking.all }
  } catch (error) {
    await giveBack()
    throw error
  } finally {
    taking.stop()
  }
  await giveBack()
  return refused
}

class Taking {
  readonly #client: LeaseClient
  readonly #options: ExclusiveOptions
  readonly #waitMs: number
  readonly #deadline: Deadline | undefined
  readonly #from = monotonicMs()
  readonly #taken: Taken[] = []

  constructor(
    client: LeaseClient,
    options: ExclusiveOptions,
    waitMs: number,
    deadline: Deadline | undefined,
  ) {
    this.#client = client
    this.#options = options
    this.#waitMs = waitMs
    this.#deadline = deadline
  }

  get all(): readonly Acquired[] {
    return this.#taken.map(({ acquired }) => acquired)
  }

  /** @throws PresenceError if the caller no longer wants the labels, or one of them was lost while it waited */
  check(): void {
    for (const { lease } of this.#taken) lease?.signal.throwIfAborted()
    if (this.#options.signal?.aborted)
      throw new PresenceError(
        'too_slow',
        'interrupted before all the labels were claimed; what was claimed is given back',
        'claim them again',
      )
  }

  async take(label: string): Promise<Outcome<Acquired>> {
    const writeKey = newKey()
    let from = now()
    const acquired = await this.#client.acquire(
      label,
      {
        ...this.#options,
        wait: Math.ceil(Math.max(0, this.#waitMs - (monotonicMs() - this.#from)) / 1_000),
        signal: AbortSignal.any([
          ...(this.#options.signal ? [this.#options.signal] : []),
          ...this.#taken.flatMap(({ lease }) => (lease ? [lease.signal] : [])),
        ]),
        onWait: turn => {
          from = now()
          this.#options.onWait?.(turn)
        },
      },
      true,
      writeKey,
      this.#deadline,
    )
    if (!acquired.ok) return acquired
    const lease =
      this.#deadline || neverExpires(acquired.claim)
        ? undefined
        : this.#client.leaseOf(acquired, writeKey, from)
    this.#taken.push({ acquired, writeKey, lease })
    return acquired
  }

  /** The claims as they stand after the wait. @throws PresenceError if one of them was lost */
  renewed(): Promise<readonly Acquired[]> {
    return Promise.all(
      this.#taken.map(async ({ acquired }) => {
        const { claim } = acquired
        const { current, holder, asOf } = await this.#client.renew(claim)
        if (current && holder) return { ...acquired, asOf, claim: { ...claim, expiresAt: holder.expiresAt } }
        throw new PresenceError(
          'lease_lost',
          `${claim.label} was lost while the other labels were waited for`,
          'look at who holds it now, and claim them again',
        )
      }),
    )
  }

  /** @throws PresenceError if the board doesn't answer, so that a claim may still stand */
  async giveBack(deadline: Deadline): Promise<void> {
    const made = this.#taken.filter(({ acquired }) => acquired.isNew)
    const kept: string[] = []
    let cause: unknown
    await Promise.all(
      made.map(({ acquired: { claim }, writeKey }) =>
        this.#client.giveBack(claim, writeKey, deadline).catch(error => {
          kept.push(claim.label)
          cause = error
        }),
      ),
    )
    if (kept.length === 0) return
    throw new PresenceError(
      'unreachable',
      `not all labels could be claimed, and the board did not answer when ${kept.join(', ')} was to be given back`,
      'once the board answers, release what is still held, or wait until it expires',
      { cause },
    )
  }

  stop(): void {
    for (const { lease } of this.#taken) lease?.stop()
  }
}
