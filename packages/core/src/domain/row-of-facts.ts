import type { ClaimChange } from './change.ts'
import type { Claim } from './claim.ts'
import { claimOf, endedBy, endedKey, type Fact, type ToldFact } from './fact.ts'
import type { Owed } from './owed.ts'

/**
 * How long to wait for a missing event, in milliseconds of the database's time: an event is written after the
 * answer to its call.
 */
export const HOLD_MS = 1_000

/** A fact that was not reported yet. */
export interface Waiting {
  readonly fact: ToldFact
  /** The database's time of the poll that found it. */
  readonly found: Date
}

/** The reported state, and the methods that report facts. */
export interface Telling {
  /** The database's time of the first poll. */
  readonly base: Date
  readonly owed: Owed
  /** The row's live claim as reported. */
  viewed(row: string): Claim | undefined
  /** The life of the row's last ended claim as reported, in milliseconds. */
  endedOf(row: string): { readonly from: number; readonly to: number } | undefined
  /**
   * The start times of claims that were reported late, when the row already had a later claim, and whose end
   * was not reported yet.
   */
  lateClaims(row: string): number[]
  /** Sets when the row's last ended claim began, if only its end was known. */
  beganAt(row: string, from: number): void
  /** Marks a fact as needing no report: it was reported already, or it happened before the watch began. */
  pass(fact: Fact): void
  tellClaimed(fact: Fact, claim: Claim): void
  tellEnded(fact: Fact, event: 'released' | 'expired' | 'stolen', claim: Claim): void
  /** Reports a claim that was made before the row's current one. */
  tellLate(fact: Fact, event: ClaimChange['event'], claim: Claim): void
}

/** The unreported facts of one row. Reports them in order, as long as none is missing between them. */
export class RowOfFacts {
  readonly #of: Telling
  readonly #row: string
  readonly #facts: Waiting[]
  readonly #live: Claim | undefined
  readonly #asOf: Date

  constructor(of: Telling, facts: readonly Waiting[], row: string, live: Claim | undefined, asOf: Date) {
    this.#of = of
    this.#row = row
    this.#facts = facts.toSorted((a, b) => a.fact.at.getTime() - b.fact.at.getTime())
    this.#live = live
    this.#asOf = asOf
  }

  advance(): void {
    for (let next = this.#next(); next; next = this.#next()) {
      const goesOn = next.fact.what === 'claimed' ? this.#claimed(next) : this.#ended(next)
      if (!goesOn) return
    }
  }

  /**
   * Returns the next fact. If two facts have the same millisecond, it is the one that fits the row's state.
   */
  #next(): Waiting | undefined {
    const [first, second] = this.#facts
    const isTie = second && first?.fact.at.getTime() === second.fact.at.getTime()
    const isHeld = this.#of.viewed(this.#row) !== undefined
    const swaps = isTie && (first.fact.what === 'claimed') === isHeld && first.fact.what !== second.fact.what
    return this.#facts.splice(swaps ? 1 : 0, 1)[0]
  }

  /** @returns whether the facts after it may be reported */
  #claimed(waiting: Waiting): boolean {
    const { fact } = waiting
    const was = this.#of.viewed(this.#row)
    const time = fact.at.getTime()
    const isSame = was && (was.token !== undefined || was.claimedAt.getTime() === time)
    if (isSame) this.#of.pass(fact)
    else if (this.#of.owed.takes(this.#row, 'claimed', time)) {
      this.#of.pass(fact)
      this.#of.beganAt(this.#row, time)
    } else if (was && was.claimedAt > fact.at)
      if (fact.at <= this.#of.base) this.#of.pass(fact)
      else {
        this.#of.tellLate(fact, 'claimed', claimOf(fact))
        this.#of.lateClaims(this.#row).push(time)
      }
    else if (was && !this.#endBefore(waiting, was)) return false
    // Two claims were reported as one. The reported end belongs to this claim, the later one; the end of the
    // earlier claim is still to be reported.
    else if (!was && this.#isWithinEnded(time)) this.#of.tellLate(fact, 'claimed', claimOf(fact))
    // Clearing a label gives it to no session: the session that cleared it never has a claim.
    else if (fact.isMaybe && !this.#live && !this.#endsAfter(fact.at)) return true
    else this.#of.tellClaimed(fact, this.#isLive(fact) ?? claimOf(fact, fact.at, this.#endsAfter(fact.at)))
    return true
  }

  /**
   * Reports how the claim before this one ended, because a new claim starts only after that.
   * @returns false while the missing event may still arrive
   */
  #endBefore({ fact, found }: Waiting, was: Claim): boolean {
    const lapsedAt = this.#isLive(fact)?.lapsedAt
    const row = this.#row
    if (lapsedAt && lapsedAt >= was.claimedAt) {
      this.#of.tellEnded({ key: endedKey(row, lapsedAt), row, at: lapsedAt }, 'expired', was)
      return true
    }
    if (this.#isHoped(found)) return false
    const standsFor = { what: 'ended' as const, from: was.claimedAt.getTime(), to: fact.at.getTime() }
    this.#of.tellEnded({ key: `E${fact.key}`, row, at: fact.at, standsFor }, 'released', was)
    return true
  }

  #ended(waiting: Waiting): boolean {
    const { fact, found } = waiting
    const what = fact.what === 'expired' || fact.what === 'stolen' ? fact.what : 'released'
    const was = this.#of.viewed(this.#row)
    // A claim that is still on the board has not ended: this fact is about an earlier claim.
    const isStanding = was && this.#isStanding(was)
    const isOfEarlier = was && (was.claimedAt > fact.at || isStanding)
    if (isStanding && fact.at > was.claimedAt) this.#of.pass(fact)
    else if (was && !isOfEarlier) this.#of.tellEnded(fact, what, endedBy(was, fact))
    else if (this.#of.owed.takes(this.#row, 'ended', fact.at.getTime()) || fact.at <= this.#of.base)
      this.#of.pass(fact)
    else if (was || this.#isWithinEnded(fact.at.getTime()) || this.#endsLate(fact.at.getTime()))
      this.#of.tellLate(fact, what, endedBy(claimOf(fact, fact.at, fact.at), fact))
    else if (this.#isHoped(found)) return false
    // A client that writes no events made the claim, and it came and expired between two polls: report
    // nothing.
    else if (what === 'expired') this.#of.pass(fact)
    else {
      const claim = claimOf(fact, fact.at, fact.at)
      const standsFor = { what: 'claimed' as const, from: 0, to: fact.at.getTime() }
      this.#of.tellClaimed({ key: `C${fact.key}`, row: this.#row, at: fact.at, standsFor }, claim)
      this.#of.tellEnded(fact, what, endedBy(claim, fact))
    }
    return true
  }

  /** Whether this is the end of a claim that was reported late, when the row already had a later one. */
  #endsLate(time: number): boolean {
    const late = this.#of.lateClaims(this.#row)
    const at = late.findLastIndex(each => each <= time)
    if (at >= 0) late.splice(at, 1)
    return at >= 0
  }

  /**
   * True if this time is within the reported life of the row's last ended claim: two claims were reported as
   * one.
   */
  #isWithinEnded(time: number): boolean {
    const ended = this.#of.endedOf(this.#row)
    return ended !== undefined && ended.from <= time && time < ended.to
  }

  /** The claim that a fact reports, if it is still on the board. */
  #isLive({ at }: ToldFact): Claim | undefined {
    const live = this.#live
    return live && (live.token !== undefined || live.claimedAt.getTime() === at.getTime()) ? live : undefined
  }

  #isStanding({ claimedAt }: Claim): boolean {
    return this.#live?.claimedAt.getTime() === claimedAt.getTime()
  }

  /** The time of the row's next end, if it is known. */
  #endsAfter(moment: Date): Date | undefined {
    return this.#facts.find(({ fact }) => fact.what !== 'claimed' && fact.at >= moment)?.fact.at
  }

  /** Whether the missing event may still arrive. */
  #isHoped(found: Date): boolean {
    return this.#asOf.getTime() - found.getTime() < HOLD_MS
  }
}
