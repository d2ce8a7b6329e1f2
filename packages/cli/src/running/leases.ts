import type { Board, Lease, Outcome } from '@presence/core'
import { oneLine } from '@presence/core/internal'
import type { Io } from '../io.ts'
import { holderLine, holderList } from '../ui/holder.ts'
import { lapsedNotes } from '../ui/lapsed.ts'
import type { Holdings, Waiting } from './holdings.ts'
import type { Order } from './order.ts'
import { messageOf, type Say, sayOn } from './say.ts'
import { tokensText } from './tokens.ts'

interface LeaseOptions {
  readonly order: Order
  /** Called for a lost lease, after the loss was reported. */
  readonly onLoss: () => void
}

/** The leases of one run, which renew themselves. */
export class Leases implements Holdings {
  readonly #board: Board
  readonly #options: LeaseOptions
  readonly #io: Io
  readonly #say: Say
  readonly #leases = new Map<string, Lease>()
  #releasing = false

  constructor(board: Board, options: LeaseOptions, io: Io) {
    this.#board = board
    this.#options = options
    this.#io = io
    this.#say = sayOn(io)
  }

  async take(label: string, waiting: Waiting): Promise<Outcome<object>> {
    const said = await acquire(this.#board, label, this.#options.order, waiting)
    if (!said.ok) return said
    const { lease } = said
    this.#leases.set(label, lease)
    lease.signal.addEventListener('abort', () => void this.#lost(lease), { once: true })
    if (lease.others.length > 0)
      this.#say(`claimed ${oneLine(label)} exclusively, token ${lease.token} -- ALSO CLAIMED (SHARED) BY:`)
    for (const line of holderList(lease.others, lease.claim.claimedAt, this.#io)) this.#io.err(line)
    for (const note of lapsedNotes(lease.lapsed, lease.claim.claimedAt)) this.#say(`note: ${note}`)
    return said
  }

  /** Tokens of an outer run stay valid, so they are kept. */
  env({ PRESENCE_TOKENS: outer }: Readonly<Record<string, string | undefined>>) {
    const tokens = new Map<string, number>()
    for (const label of this.#options.order.labels) {
      const lease = this.#leases.get(label)
      if (lease) tokens.set(label, lease.token)
    }
    const [first] = tokens.values()
    return {
      PRESENCE_TOKEN: String(first),
      PRESENCE_TOKENS: [tokensText(tokens), outer].filter(Boolean).join(' '),
    }
  }

  async release(): Promise<void> {
    this.#releasing = true
    await Promise.all([...this.#leases.values()].map(lease => this.#release(lease)))
  }

  /** Reports the loss at once, because finding out who holds the label now may take a while. */
  async #lost(lease: Lease): Promise<void> {
    if (this.#releasing) return
    this.#say(`error: ${messageOf(lease.signal.reason)}`)
    this.#options.onLoss()
    try {
      const said = await this.#board.verify(lease.label, lease.token)
      if (!said.ok) return
      const { holder, asOf } = said
      const now = holder
        ? `is held now by ${holderLine(holder, asOf, this.#board.session)}`
        : 'is not held exclusively now'
      this.#say(`${oneLine(lease.label)} ${now}`)
    } catch (error) {
      this.#say(`it is unknown who holds ${oneLine(lease.label)} now: ${messageOf(error)}`)
    }
  }

  async #release(lease: Lease): Promise<void> {
    const label = oneLine(lease.label)
    try {
      if (!(await lease.release()) && !lease.signal.aborted)
        this.#say(`warning: ${label} was no longer held when the command ended`)
    } catch (error) {
      this.#say(`warning: ${label} could not be released: ${messageOf(error)}; it is free once it expires`)
    }
  }
}

/** Asks for a lease, and waits in the wait queue for as long as the run may wait. */
function acquire(
  board: Board,
  label: string,
  { purpose, ttl, overShared }: Order,
  waiting: Waiting,
): Promise<Outcome<{ readonly lease: Lease }>> {
  const { signal } = waiting
  const wait = Math.ceil(waiting.remainingMs() / 1_000)
  return board.acquire(label, {
    purpose,
    overShared,
    ...(ttl === undefined ? {} : { ttl }),
    ...(wait === 0 ? {} : { wait, signal }),
    onWait: ({ holders, ahead, fault }) => waiting.tell(label, holders, ahead, fault),
  })
}
