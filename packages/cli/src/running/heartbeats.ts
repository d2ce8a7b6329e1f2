import type { Claim, CoClaim, SessionView } from '@presence/core'
import { coClaimNotes } from '../ui/notes.ts'
import { type Moment, msSince, now } from './clock.ts'
import { isQueued, messageOf, type Say } from './say.ts'

/**
 * The longest time between two looks at the clocks, in milliseconds: after a laptop's sleep a timer continues
 * as if no time had passed.
 */
const TICK_MS_MAX = 1_000
/**
 * The longest time between two heartbeats, in milliseconds. For a ttl below three times this, it is a third of
 * the ttl.
 */
const EVERY_MS_MAX = 120_000

/** Keeps a session's shared claims alive, and reports each new co-claim once (G1). */
export class Heartbeats {
  readonly #beat: () => Promise<SessionView>
  readonly #lapsed: (view: SessionView) => Promise<void>
  readonly #say: Say
  readonly #everyMs: number
  readonly #ticker: NodeJS.Timeout
  readonly #told = new Set<string>()
  #from: Moment = now()
  #beating = false
  #repairing: Promise<void> | undefined
  #stopped = false
  #away = false

  /**
   * @param ttlMs of the claims
   * @param beat sends one heartbeat to the board
   * @param lapsed called with the answer to each heartbeat; claims the lapsed labels again
   */
  constructor(
    ttlMs: number,
    beat: () => Promise<SessionView>,
    lapsed: (view: SessionView) => Promise<void>,
    say: Say,
  ) {
    this.#beat = beat
    this.#lapsed = lapsed
    this.#say = say
    this.#everyMs = Math.min(EVERY_MS_MAX, ttlMs / 3)
    this.#ticker = setInterval(() => this.#tick(), Math.min(TICK_MS_MAX, this.#everyMs / 2))
    this.#ticker.unref()
  }

  /** Marks co-claims as already reported. */
  knows(coClaims: readonly CoClaim[]): void {
    for (const { label, others } of coClaims) for (const each of others) this.#told.add(keyOf(label, each))
  }

  /** After this has resolved, no label is claimed again. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#ticker)
    await this.#repairing
  }

  #tick(): void {
    if (!this.#beating && msSince(this.#from) >= this.#everyMs) void this.#once()
  }

  async #once(): Promise<void> {
    this.#beating = true
    this.#from = now()
    try {
      const view = await this.#beat()
      if (this.#stopped) return
      if (this.#away) this.#say('the board answers again')
      this.#away = false
      this.#tellOfOthers(view)
      this.#repairing = this.#lapsed(view)
      await this.#repairing
    } catch (error) {
      if (!this.#away && !this.#stopped) this.#tellOfAway(error)
      this.#away = true
    } finally {
      this.#repairing = undefined
      this.#beating = false
    }
  }

  #tellOfOthers({ coClaims, asOf }: SessionView): void {
    const isNew = (label: string, each: Claim) => !this.#told.has(keyOf(label, each))
    const news = coClaims
      .map(({ label, others }) => ({ label, others: others.filter(each => isNew(label, each)) }))
      .filter(({ others }) => others.length > 0)
    this.knows(news)
    for (const note of coClaimNotes(news, asOf)) this.#say(`note: ${note}`)
  }

  #tellOfAway(error: unknown): void {
    const queued = isQueued(error) ? '; heartbeats are queued' : ''
    this.#say(`warning: ${messageOf(error)}: the state of the board is unknown from now on${queued}`)
  }
}

/** The claim's time is part of the key, so a session that left and came back is reported again. */
function keyOf(label: string, { session, claimedAt }: Claim): string {
  return JSON.stringify([label, session.id, claimedAt.getTime()])
}
