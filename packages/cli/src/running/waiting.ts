import type { Claim, PresenceError, Refused } from '@presence/core'
import { mayPass, oneLine, sleep } from '@presence/core/internal'
import { clock, duration } from '../ui/time.ts'
import type { Holdings, Waiting } from './holdings.ts'
import type { Say } from './say.ts'

const ASKED_EVERY_MS = 500
const AGAIN_AFTER_MS = 60_000

/** One wait, shared by several labels. */
export class Wait implements Waiting {
  readonly signal: AbortSignal
  readonly #ms: number
  readonly #from = performance.now()
  readonly #say: Say
  /** The time at which each text was printed. */
  readonly #told = new Map<string, number>()
  readonly #awaited = new Set<string>()

  constructor(ms: number, signal: AbortSignal, say: Say) {
    this.#ms = ms
    this.signal = signal
    this.#say = say
  }

  remainingMs(): number {
    return Math.max(0, this.#ms - (performance.now() - this.#from))
  }

  tell(label: string, holders: readonly Claim[], ahead = 0, fault?: PresenceError): void {
    const key = JSON.stringify([label, holders.map(({ session }) => session.id), ahead, fault?.code])
    const last = this.#told.get(key)
    if (last !== undefined && performance.now() - last < AGAIN_AFTER_MS) return
    this.#told.set(key, performance.now())
    this.#awaited.add(label)
    if (fault) {
      this.#say(`waiting for ${oneLine(label)}: ${oneLine(fault.message)}`)
      return
    }
    const who = holders.map(
      ({ session, purpose, claimedAt }) =>
        // Shows a time instead of an age, because this host's clock can't tell the age.
        `${oneLine(session.id)} (${oneLine(purpose)}, since ${clock(claimedAt)})`,
    )
    const held = who.length === 0 ? '' : `, which is held by ${who.join(', ')}`
    const queue = ahead === 0 ? '' : `; ${ahead} ahead`
    this.#say(`waiting for ${oneLine(label)}${held}${queue}; ${duration(this.remainingMs())} left to wait`)
  }

  /** The label is claimed: if its wait was reported, reports this too. */
  over(label: string): void {
    if (this.#awaited.delete(label)) this.#say(`claimed ${oneLine(label)}`)
  }

  async pause(): Promise<void> {
    await sleep(Math.min(ASKED_EVERY_MS, this.remainingMs()), { signal: this.signal })
  }
}

/**
 * Takes labels one after the other. Every run takes them in the same order, so that no two runs wait for each
 * other.
 *
 * @returns the refusal of a label; undefined once all are taken or the wait was ended
 */
export async function takeAll(
  holdings: Holdings,
  labels: readonly string[],
  wait: Wait,
): Promise<Refused | undefined> {
  for (const label of labels.toSorted()) {
    const refused = await takeOne(holdings, label, wait)
    if (refused || wait.signal.aborted) return refused
  }
  return undefined
}

async function takeOne(holdings: Holdings, label: string, wait: Wait): Promise<Refused | undefined> {
  while (!wait.signal.aborted) {
    try {
      const said = await holdings.take(label, wait)
      if (said.ok) {
        wait.over(label)
        return undefined
      }
      if (said.refusal.code !== 'held' || wait.remainingMs() === 0) return said
      wait.tell(label, said.refusal.holders)
    } catch (error) {
      if (wait.signal.aborted) return undefined
      if (!mayPass(error) || wait.remainingMs() === 0) throw error
    }
    await wait.pause()
  }
  return undefined
}
