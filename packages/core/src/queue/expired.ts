import type { QueuedOperation } from '../domain/operation.ts'

export type QueuedClaim = Extract<QueuedOperation, { verb: 'claim' }>

/** What may keep a claim alive, by session: its heartbeats, and its claims by label, each in the order of the queue. */
interface Signs {
  readonly heartbeats: number[]
  readonly claims: Map<string, number[]>
}

/** A list of places in the queue, and how far it has been gone through. */
interface Cursor {
  readonly list: readonly number[]
  next: number
}

/**
 * Tells of queued claims whether they no longer live at a moment, counting the heartbeats and claims queued behind them
 * that kept them alive meanwhile. One that doesn't is not put on the board: whoever made it is told instead.
 *
 * The queue is gone through once; a claim then looks only at its own session's signs of life, and only until they say that
 * it lives or leave a gap. A queue of ten thousand lines would take longer than a call may otherwise.
 */
export class Expiry {
  readonly #operations: readonly QueuedOperation[]
  readonly #signs = new Map<string, Signs>()

  /** @param operations in the order in which they were said */
  constructor(operations: readonly QueuedOperation[]) {
    this.#operations = operations
    for (const [at, operation] of operations.entries()) this.#note(operation, at)
  }

  /** @param now milliseconds since 1970, by the clock that `at` was read from */
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

/** A list of places in the queue, from the first behind `at`. */
function after(list: readonly number[], at: number): Cursor {
  let [low, high] = [0, list.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((list[middle] ?? 0) <= at) low = middle + 1
    else high = middle
  }
  return { list, next: low }
}

/** Takes the earliest place off the lists. */
function earliest(lists: readonly Cursor[]): number | undefined {
  const [first] = lists
    .filter(({ list, next }) => next < list.length)
    .sort((a, b) => (a.list[a.next] ?? 0) - (b.list[b.next] ?? 0))
  return first?.list[first.next++]
}
