import type { Board, Claimed, Outcome, SessionView } from '@presence/core'
import { earlierText, endedText, needsFix, oneLine } from '@presence/core/internal'
import type { Io } from '../io.ts'
import { holderList } from '../ui/holder.ts'
import { lapsedNotes } from '../ui/lapsed.ts'
import { coClaimNotes } from '../ui/notes.ts'
import { wordingAt } from '../ui/wording.ts'
import { Heartbeats } from './heartbeats.ts'
import type { Before, Holdings } from './holdings.ts'
import type { Order } from './order.ts'
import { isQueued, messageOf, type Say, sayOn } from './say.ts'

interface SharedOptions {
  readonly order: Order
  /**
   * Makes the claims. Usually the same object as the board that sends heartbeats. If that one has just failed
   * to answer, this is a second one for the same board, with a shorter deadline.
   */
  readonly claiming: Board
  readonly before: Before
  /** Takes the fault of a label's claim; throws if the run can't continue. */
  readonly onFault: (label: string, error: unknown) => void
}

/**
 * The shared claims of one run. They are advisory: if the board doesn't answer they are queued, and the run
 * continues.
 */
export class SharedClaims implements Holdings {
  readonly #board: Board
  readonly #options: SharedOptions
  readonly #io: Io
  readonly #say: Say
  /**
   * The write key of each label, which tells this run's claim from those of other processes of the session.
   */
  readonly #taken = new Map<string, string>()
  /**
   * Labels whose claims lapsed and could not be made again, because another session held the labels
   * exclusively.
   */
  readonly #missing = new Set<string>()
  /** Labels whose claims failed. It is unknown whether they are on the board. */
  readonly #failed = new Set<string>()
  #heartbeats: Heartbeats | undefined

  constructor(board: Board, options: SharedOptions, io: Io) {
    this.#board = board
    this.#options = options
    this.#io = io
    this.#say = sayOn(io)
  }

  async take(label: string): Promise<Outcome<object>> {
    try {
      const said = await this.#claim(this.#options.claiming, label)
      if (!said.ok) return said
      this.#tell(said)
      this.#keep(said.claim.ttlSeconds).knows([{ label, others: said.others }, ...said.coClaims])
      return said
    } catch (error) {
      this.#options.onFault(label, error)
      if (needsFix(error)) {
        // Such a claim can't be on the board, so there is nothing to keep alive or to take back.
        this.#taken.delete(label)
      } else {
        if (!isQueued(error)) this.#failed.add(label)
        this.#keep(undefined)
      }
      return { ok: true }
    }
  }

  env() {
    return {}
  }

  async release(): Promise<void> {
    await this.#heartbeats?.stop()
    await Promise.all([...this.#taken].map(([label, writeKey]) => this.#release(label, writeKey)))
  }

  #claim(board: Board, label: string): Promise<Outcome<Claimed>> {
    const { purpose, ttl } = this.#options.order
    const writeKey = this.#taken.get(label) ?? crypto.randomUUID().replaceAll('-', '').slice(0, 16)
    // The key is stored even if the claim is refused or gets no answer, because the claim may be on the
    // board.
    this.#taken.set(label, writeKey)
    return board.claim(label, { purpose, writeKey, ...(ttl === undefined ? {} : { ttl }) })
  }

  #keep(ttlSeconds: number | undefined): Heartbeats {
    this.#heartbeats ??= new Heartbeats(
      (ttlSeconds ?? this.#options.order.ttlSeconds) * 1_000,
      () => this.#board.heartbeat(),
      view => this.#claimAgain(view),
      this.#say,
    )
    return this.#heartbeats
  }

  #tell({ claim, others, coClaims, lapsed, asOf }: Claimed): void {
    const label = oneLine(claim.label)
    if (claim.lapsedAt) this.#say(earlierText(claim, claim.lapsedAt, wordingAt(asOf)))
    if (others.length > 0) this.#say(`claimed ${label} -- ALSO CLAIMED BY:`)
    for (const line of holderList(others, asOf, this.#io)) this.#io.err(line)
    for (const note of [...lapsedNotes(lapsed, asOf), ...coClaimNotes(coClaims, asOf)])
      this.#say(`note: ${note}`)
  }

  /**
   * Reports claims that lapsed while this process could not run, and claims their labels again, because the
   * command is still running. So it does with labels whose claims failed: the board answers now.
   */
  async #claimAgain({ lapsed, asOf }: SessionView): Promise<void> {
    const ours = lapsed.filter(({ claim }) => this.#taken.has(claim.label))
    for (const each of ours) this.#say(`warning: ${endedText(each.claim, each.others, wordingAt(asOf))}`)
    for (const label of new Set([
      ...ours.map(({ claim }) => claim.label),
      ...this.#missing,
      ...this.#failed,
    ])) {
      const said = await this.#claim(this.#board, label)
      this.#failed.delete(label)
      if (said.ok) {
        this.#missing.delete(label)
        this.#say(`claimed ${oneLine(label)} again`)
        this.#heartbeats?.knows([{ label, others: said.others }])
      } else {
        if (!this.#missing.has(label))
          this.#say(`warning: not claimed again: ${oneLine(said.refusal.message)}`)
        this.#missing.add(label)
      }
    }
  }

  /** If the session held the label before this run, that claim stays, with its earlier purpose. */
  async #release(label: string, writeKey: string): Promise<void> {
    const before = this.#options.before.get(label)?.find(({ token }) => token === undefined)
    const said = before && { purpose: before.purpose, ttlSeconds: before.ttlSeconds }
    try {
      await this.#board.takeBack(label, { writeKey, ...(said ? { before: said } : {}) })
    } catch (error) {
      const then = isQueued(error)
        ? 'its release is queued, and is sent with the next call that reaches the board, for example: presence sync'
        : `${this.#failed.has(label) ? 'if its claim reached the board, it' : 'the claim'} stays there until it expires; to end it now, run: presence release ${oneLine(label)}`
      this.#say(`warning: ${oneLine(label)} could not be released: ${messageOf(error)}; ${then}`)
    }
  }
}
