import type { QueuedOperation } from '../domain/operation.ts'

export type QueuedClaim = Extract<QueuedOperation, { verb: 'claim' }>

/**
 * The outbox entries of one session that may extend its claims: its heartbeats, and its claims by label, each
 * in outbox order.
 */
interface Signs {
  readonly heartbeats: number[]
  readonly claims: Map<string, number[]>
}

/** A list of positions in the outbox, and the next one to look at. */
interface Cursor {
  readonly list: readonly number[]
  next: number
}

/**
 * Tells which claims in the outbox have expired at a given time. Heartbeats and claims after a claim may have
 * extended it. An expired claim is not put on the board; its session is told instead.
 *
 * The constructor goes through the outbox once. Each claim then looks only at its own session's later
 * entries, and stops when they show that it is live, or that it expired before the next entry could extend
 * it. Otherwise an outbox of ten thousand lines would take longer than a call may.
 */
export class Expiry {
  readonly #operations: readonly QueuedOperation[]
  readonly #signs = new Map<string, Signs>()

  /** @param operations in the order in which they were made */
  constructor(operations: readonly QueuedOperation[]) {
    this.#operations = operations
    for (const [at, operation] of operations.entries()) this.#note(operation, at)
  }

  /** @param now milliseconds since 1970, by the clock that set the operations' `at` */
  isOver(claim: QueuedClaim, at: number, now: number): boolean {
    const lifeMs = claim.ttlSeconds * 1_000
    const signs = this.#signs.get(claim.session.id)
    let end = claim.at + lifeMs
    const lists = [signs?.heartbeats ?? [], signs?.claims.get(claim.label) ?? []].map(list => after(list, at))
    while (end <= now) {
      const next = earliest(lists)
      const sign = next === undefined ? undefined : this.#operations[next]
      if (!sign || sign.at >= end) return true
      end = Math.max(end, sign.at + lifeMs)
    }
    return false
  }

  #note(operation: QueuedOperation, at: number): void {
    const { id } = operation.session
    const signs: Signs = this.#signs.get(id) ?? { heartbeats: [], claims: new Map() }
    this.#signs.set(id, signs)
    if (operation.verb === 'heartbeat') signs.heartbeats.push(at)
    if (operation.verb !== 'claim') return
    const same = signs.claims.get(operation.label)
    if (same) same.push(at)
    else signs.claims.set(operation.label, [at])
  }
}

/** A list of positions, from the first one after `at`. */
function after(list: readonly number[], at: number): Cursor {
  let [low, high] = [0, list.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((list[middle] ?? 0) <= at) low = middle + 1
    else high = middle
  }
  return { list, next: low }
}

/** Takes the earliest position off the lists. */
function earliest(lists: readonly Cursor[]): number | undefined {
  const [first] = lists
    .filter(({ list, next }) => next < list.length)
    .sort((a, b) => (a.list[a.next] ?? 0) - (b.list[b.next] ?? 0))
  return first?.list[first.next++]
}
