import {
  type Change,
  type Claim,
  type ContactLost,
  EVENTS_KEPT_SECONDS,
  type Fact,
  type Followed,
  type HistoryEvent,
  isLive,
  rowOfClaim,
  type Snapshot,
} from '@presence/core'
import type { Listener } from './listener.ts'
import { claimFact, type Missed, missedBy } from './resume.ts'
import { changeText, concerns, eventText, liveOf, standingText } from './text.ts'
import { boardName, ToldFacts } from './told.ts'

/** What one look brought, with the id behind each change. */
export interface News {
  readonly change: Change
  readonly fact: Fact | undefined
  readonly id: string
}

/** The board as one server follows it, for its listeners and for clients that come back from another server. */
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

  /** @returns what is new for listeners that were told what stood before */
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
    // Nobody knows anything before the first look, and each is told of it as of what stands.
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

  /** What a returning listener was told before; undefined for a new listener, or while nothing is known. */
  resumes({ lastId }: Listener): ToldFacts | undefined {
    if (lastId === undefined || this.#unknown || !this.#snapshot) return undefined
    const told = ToldFacts.parse(lastId, this.#board)
    const now = this.#snapshot.asOf.getTime()
    const isKept = told && told.horizon > now - EVENTS_KEPT_SECONDS * 1_000 && told.horizon <= now
    return isKept ? told : undefined
  }

  /** What a listener missed; what it is told from then on begins with that. */
  missed(listener: Listener, told: ToldFacts, events: readonly HistoryEvent[]): string {
    const { asOf = new Date(0) } = this.#snapshot ?? {}
    const missed = missedBy(told, this.#kept, events, this.#live)
    const texts = missed.map(({ fact, change }) => {
      // They come in the order of their times: what is before this one is told.
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
   * What one is told first that begins here; undefined before the first look. Not `whole` while the board is unknown: what
   * stands is told once that is known.
   */
  beginning(listener: Listener): { text: string; whole: boolean } | undefined {
    if (this.#unknown) return { text: changeText(this.#unknown), whole: false }
    if (!this.#snapshot) return undefined
    return { text: this.standing(listener), whole: true }
  }

  /** What stands, after a `reset` if the listener came with an id that can't be used. */
  standing({ label, lastId }: Listener): string {
    if (!this.#snapshot) return ''
    const { asOf } = this.#snapshot
    const reset = lastId === undefined ? '' : eventText('reset', { event: 'reset', at: asOf.toISOString() })
    return reset + standingText(this.#snapshot, label, this.#told?.id ?? '')
  }

  /** What stands, by row. */
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
