import { type Change, type Claim, type ContactLost, type HistoryEvent, isLive } from '@presence/core'
import {
  EVENTS_KEPT_SECONDS,
  type Fact,
  type Followed,
  rowOfClaim,
  type Snapshot,
} from '@presence/core/internal'
import type { Listener } from './listener.ts'
import { claimFact, type Missed, missedBy } from './resume.ts'
import { changeText, concerns, eventText, liveOf, standingText } from './text.ts'
import { boardName, ToldFacts } from './told.ts'

/** A change that one poll brought, and the event id after it. */
export interface News {
  readonly change: Change
  readonly fact: Fact | undefined
  readonly id: string
}

/** Follows the board for one server's listeners, including clients that come back from another server. */
export class Run {
  readonly #kept: Missed[] = []
  readonly #keptMax: number
  readonly #ending = new AbortController()
  #told: ToldFacts | undefined
  #board = ''
  #since = 0
  #passed: readonly Fact[] = []
  #snapshot: Snapshot | undefined
  #unknown: ContactLost | undefined

  constructor(keptMax: number) {
    this.#keptMax = keptMax
  }

  get signal(): AbortSignal {
    return this.#ending.signal
  }

  end(): void {
    this.#ending.abort()
  }

  /** @returns the news for listeners that were sent the state before */
  take({ changes, snapshot, passed = [], facts, since, born }: Followed): readonly News[] {
    const first = this.#snapshot === undefined
    this.#snapshot = snapshot ?? this.#snapshot
    this.#unknown = snapshot ? undefined : changes.find(change => change.event === 'unknown')
    if (since) this.#since = since.getTime()
    if (snapshot && !this.#told) {
      this.#board = boardName(born ?? new Date(0))
      this.#told = new ToldFacts(this.#board, this.#since)
    }
    const told = this.#told
    told?.advance(this.#since)
    for (const fact of passed) told?.add(fact)
    this.#passed = passed
    // After the first poll every listener is sent the whole state, so there is no news.
    if (first) {
      for (const claim of this.#live.values()) told?.add(claimFact(claim))
      return []
    }
    return changes.map(change => {
      const fact = 'claim' in change ? facts?.get(change.fact ?? '') : undefined
      if (fact) {
        told?.add(fact)
        this.#keep(fact, change)
      }
      return { change, fact, id: told?.id ?? '' }
    })
  }

  textFor(listener: Listener, news: readonly News[]): string {
    const { told, label } = listener
    if (!told) return news.map(({ change, id }) => this.#textOf(change, label, id)).join('')
    for (const fact of this.#passed) told.add(fact)
    const texts = news.map(({ change, fact }) => {
      if (fact && told.knows(fact)) return ''
      if (fact) told.add(fact)
      return this.#textOf(change, label, told.id)
    })
    told.advance(Math.min(this.#since, listener.resumedAt))
    if (this.#since >= listener.resumedAt) listener.told = undefined
    return texts.join('')
  }

  /**
   * The facts that a returning listener was told before, from its last event id. Undefined for a new
   * listener, for an id that is too old, malformed or of another board, and while the board is unknown.
   */
  resumes({ lastId }: Listener): ToldFacts | undefined {
    if (lastId === undefined || this.#unknown || !this.#snapshot) return undefined
    const told = ToldFacts.parse(lastId, this.#board)
    const now = this.#snapshot.asOf.getTime()
    const isKept = told && told.horizon > now - EVENTS_KEPT_SECONDS * 1_000 && told.horizon <= now
    return isKept ? told : undefined
  }

  /** The text of what a listener missed. From then on the listener gets only what comes after it. */
  missed(listener: Listener, told: ToldFacts, events: readonly HistoryEvent[]): string {
    const { asOf = new Date(0) } = this.#snapshot ?? {}
    const missed = missedBy(told, this.#kept, events, this.#live)
    const texts = missed.map(({ fact, change }) => {
      // The changes are in the order of their times, so everything before this one is told.
      told.advance(Math.min(fact.at.getTime() - 1, this.#since))
      told.add(fact)
      return this.#textOf(change, listener.label, told.id)
    })
    told.advance(this.#since)
    listener.told = told
    listener.resumedAt = asOf.getTime()
    return texts.join('')
  }

  /**
   * The first text for a listener that starts without an id. Undefined before the first poll. While the board
   * is unknown the text says so and is not `whole`: the state follows when it is known.
   */
  beginning(listener: Listener): { text: string; whole: boolean } | undefined {
    if (this.#unknown) return { text: changeText(this.#unknown), whole: false }
    if (!this.#snapshot) return undefined
    return { text: this.standing(listener), whole: true }
  }

  /** The text of the present state, after a `reset` if the listener came with an id that can't be used. */
  standing({ label, lastId }: Listener): string {
    if (!this.#snapshot) return ''
    const { asOf } = this.#snapshot
    const reset = lastId === undefined ? '' : eventText('reset', { event: 'reset', at: asOf.toISOString() })
    return reset + standingText(this.#snapshot, label, this.#told?.id ?? '')
  }

  /** The live claims, by row. */
  get #live(): ReadonlyMap<string, Claim> {
    const { asOf = new Date(0), claims = [] } = this.#snapshot ?? {}
    return new Map(claims.filter(claim => isLive(claim, asOf)).map(claim => [rowOfClaim(claim), claim]))
  }

  #keep(fact: Fact, change: Change): void {
    if ('claim' in change) this.#kept.push({ fact, change })
    this.#kept.splice(0, Math.max(0, this.#kept.length - this.#keptMax))
  }

  #textOf(change: Change, label: string | undefined, id: string): string {
    if (!concerns(change, label)) return ''
    const counted =
      change.event === 'known' && this.#snapshot ? { ...change, live: liveOf(this.#snapshot, label) } : change
    return changeText(counted, id)
  }
}
