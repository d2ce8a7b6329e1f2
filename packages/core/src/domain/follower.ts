import { type ClaimChange, presentIn } from './change.ts'
import { type Claim, isLapsed, isLive, type Snapshot } from './claim.ts'
import { Contact, WINDOW_MS } from './contact.ts'
import {
  claimedKey,
  claimOf,
  endedBy,
  endedKey,
  type Fact,
  factsOf,
  isDecision,
  rowOfClaim,
  type ToldFact,
} from './fact.ts'
import type { HistoryEvent } from './history.ts'
import { LAPSED_KEPT_SECONDS } from './limits.ts'
import { Owed } from './owed.ts'
import { HOLD_MS, RowOfFacts, type Telling, type Waiting } from './row-of-facts.ts'

/** How many lapsed claims are remembered, to report whose claim was resolved. */
const LAPSED_MAX = 10_000

/**
 * The result of one poll of the board. The events were read first, so the snapshot contains their effects.
 */
export interface Looked {
  readonly snapshot: Snapshot
  /** Undefined if the server does not provide events: then only snapshots are compared. */
  readonly events: readonly HistoryEvent[] | undefined
  /** When the board was created. */
  readonly born?: Date | undefined
}

/**
 * A change and the fact that it reports. The change is undefined if the fact needs no report, for example
 * because an earlier change reported it.
 */
export interface Told {
  readonly fact: Fact
  readonly change: ClaimChange | undefined
}

/**
 * Merges the history and snapshots into one sequence of changes. Each fact is reported once, from the source
 * that shows it first, and a claim is reported before its end. Events may become visible in any order, within
 * `WINDOW_MS`. Expiries and rows of clients of the 8-column table leave no events, so snapshots are compared
 * with what was reported.
 */
export class Follower implements Telling {
  /** The live claims as reported. */
  readonly #view = new Map<string, Claim>()
  readonly #lapsed = new Map<string, Claim>()
  /** The facts of the window that were reported or need no report, by key. */
  readonly #seen = new Map<string, Date>()
  readonly #waiting = new Map<string, Waiting>()
  readonly #owed = new Owed()
  readonly #late = new Map<string, number[]>()
  readonly #ended = new Map<string, { readonly from: number; readonly to: number }>()
  /** Rows on which a snapshot differs from what was reported, and since when. */
  readonly #differs = new Map<string, Date>()
  /** Rows whose claim appeared in a snapshot. */
  readonly #stood = new Set<string>()
  readonly #contact = new Contact()
  #base = new Date(0)
  #news: Told[] = []

  /** The time from which the next poll reads events. Undefined before the first poll. */
  get since(): Date | undefined {
    return this.#contact.since
  }

  /** The facts of the window that need no report any more, by key. */
  get seen(): ReadonlyMap<string, Date> {
    return this.#seen
  }

  /**
   * Takes the first poll and returns the current state. The events of this poll happened before it and are
   * not reported. If a later poll finds an event from before the first poll, it was committed late.
   */
  begin({ snapshot, events = [] }: Looked): readonly ClaimChange[] {
    this.#base = snapshot.asOf
    this.#contact.made(snapshot.asOf)
    for (const { key, at } of events.flatMap(factsOf)) this.#seen.set(key, at)
    for (const claim of snapshot.claims)
      if (isLive(claim, snapshot.asOf)) this.#stands(rowOfClaim(claim), claim)
    this.#rememberLapsed(snapshot)
    return presentIn(snapshot)
  }

  /** Each later poll: the changes, in order for each label. */
  take({ snapshot, events }: Looked): readonly Told[] {
    this.#news = []
    const state = { snapshot, live: liveRows(snapshot), withEvents: events !== undefined }
    for (const event of events ?? []) this.#find(event, snapshot.asOf)
    const resolutions: Waiting[] = []
    const decisions: Waiting[] = []
    const rows = new Map<string, Waiting[]>()
    for (const waiting of this.#waiting.values()) {
      const { what, row } = waiting.fact
      if (what === 'resolved') resolutions.push(waiting)
      else if (isDecision(what)) decisions.push(waiting)
      else if (!rows.get(row)?.push(waiting)) rows.set(row, [waiting])
    }
    for (const [row, facts] of rows)
      new RowOfFacts(this, facts, row, state.live.get(row), snapshot.asOf).advance()
    for (const row of new Set([...this.#view.keys(), ...state.live.keys()]))
      if (!(rows.get(row) ?? []).some(({ fact }) => this.#waiting.has(fact.key))) this.#compare(row, state)
    for (const { fact } of resolutions) this.#tellResolved(fact)
    for (const { fact } of decisions) this.#tellDecision(fact)
    this.#rememberLapsed(snapshot)
    this.#contact.made(snapshot.asOf)
    this.#forget()
    return inOrder(this.#news)
  }

  /**
   * The current state as far as it was reported, for a client that begins now. A change that is not reported
   * yet will be reported to all clients at the same time.
   */
  standing({ asOf, claims }: Snapshot): Snapshot {
    return { asOf, claims: [...this.#view.values(), ...claims.filter(claim => !isLive(claim, asOf))] }
  }

  viewed(row: string): Claim | undefined {
    return this.#view.get(row)
  }

  endedOf(row: string) {
    return this.#ended.get(row)
  }

  lateClaims(row: string): number[] {
    const late = this.#late.get(row) ?? []
    this.#late.set(row, late)
    return late
  }

  beganAt(row: string, from: number): void {
    const ended = this.#ended.get(row)
    if (ended && from <= ended.to) this.#ended.set(row, { ...ended, from })
  }

  get base(): Date {
    return this.#base
  }

  get owed(): Owed {
    return this.#owed
  }

  pass(fact: Fact): void {
    this.#waiting.delete(fact.key)
    this.#seen.set(fact.key, fact.at)
    this.#news.push({ fact, change: undefined })
  }

  tellClaimed(fact: Fact, claim: Claim, at = fact.at): void {
    this.#tell(fact, { event: 'claimed', at, claim })
    this.#view.set(fact.row, claim)
  }

  tellEnded(fact: Fact, event: 'released' | 'expired' | 'stolen', claim: Claim): void {
    this.#tell(fact, { event, at: fact.at, claim })
    const from = this.#view.get(fact.row)?.claimedAt.getTime() ?? fact.at.getTime()
    this.#ended.set(fact.row, { from, to: fact.at.getTime() })
    this.#view.delete(fact.row)
    this.#stood.delete(fact.row)
    if (event === 'expired') this.#lapsed.set(fact.row, claim)
  }

  tellLate(fact: Fact, event: ClaimChange['event'], claim: Claim): void {
    this.#tell(fact, { event, at: fact.at, claim })
  }

  #tell(fact: Fact, change: ClaimChange): void {
    this.#waiting.delete(fact.key)
    this.#seen.set(fact.key, fact.at)
    this.#differs.delete(fact.row)
    if (fact.standsFor) this.#owed.add(fact.row, fact.standsFor)
    this.#news.push({ fact, change: { ...change, fact: fact.key } })
  }

  #find(event: HistoryEvent, found: Date): void {
    for (const fact of factsOf(event))
      if (!this.#seen.has(fact.key) && !this.#waiting.has(fact.key))
        this.#waiting.set(fact.key, { fact, found })
  }

  /** A row without unexplained events: compares the board with what was reported. */
  #compare(row: string, { snapshot, live, withEvents }: BoardState): void {
    const { asOf } = snapshot
    const was = this.#view.get(row)
    const is = live.get(row)
    if (is && !(was && isSame(was, is))) {
      this.#compareNew(row, was, is, asOf)
      return
    }
    if (is && was) {
      this.#stood.add(row)
      this.#differs.delete(row)
      const isNew = is.purpose !== was.purpose
      if (isNew) this.tellClaimed({ key: `p\0${row}\0${asOf.getTime()}`, row, at: asOf }, is)
      else this.#view.set(row, is)
      return
    }
    if (!was) return
    const over = snapshot.claims.find(claim => !claim.ended && rowOfClaim(claim) === row)
    if (over) {
      const at = within(this.#contact.last, over.expiresAt, asOf)
      this.tellEnded({ key: endedKey(row, over.expiresAt), row, at }, 'expired', over)
      return
    }
    const missed = this.#differsSince(row, asOf)
    // If no snapshot ever showed the claim, its absence isn't a sign of a release: wait longer for the event.
    const holdMs = this.#stood.has(row) ? HOLD_MS : WINDOW_MS
    if (withEvents && asOf.getTime() - missed.getTime() < holdMs) return
    const isOver = asOf.getTime() - was.expiresAt.getTime() >= LAPSED_KEPT_SECONDS * 1_000
    const at = isOver ? was.expiresAt : missed
    const standsFor = { what: 'ended' as const, from: was.claimedAt.getTime(), to: asOf.getTime() }
    this.tellEnded({ key: endedKey(row, at), row, at, standsFor }, isOver ? 'expired' : 'released', was)
  }

  /** The row has a claim that was not reported. */
  #compareNew(row: string, was: Claim | undefined, is: Claim, asOf: Date): void {
    const lapsedAt = was && is.lapsedAt && is.lapsedAt >= was.claimedAt ? is.lapsedAt : undefined
    // Wait: an event will soon show how the row's previous claim ended.
    if (was && !lapsedAt && asOf.getTime() - this.#differsSince(row, asOf).getTime() < HOLD_MS) return
    if (was && lapsedAt) this.tellEnded({ key: endedKey(row, lapsedAt), row, at: lapsedAt }, 'expired', was)
    const at = within(this.#contact.last, is.claimedAt, asOf)
    this.tellClaimed({ key: claimedKey(row, is.claimedAt), row, at: is.claimedAt }, is, at)
    this.#stands(row, is)
  }

  #stands(row: string, claim: Claim): void {
    this.#view.set(row, claim)
    this.#stood.add(row)
  }

  #differsSince(row: string, asOf: Date): Date {
    const since = this.#differs.get(row) ?? asOf
    this.#differs.set(row, since)
    return since
  }

  #tellResolved(fact: ToldFact): void {
    if (fact.at <= this.#base) {
      this.pass(fact)
      return
    }
    const lapsed = [...this.#lapsed.values()].filter(
      claim => claim.label === fact.event.label && claim.session.id === fact.whose,
    )
    for (const claim of lapsed) this.#lapsed.delete(rowOfClaim(claim))
    for (const claim of lapsed.length > 0 ? lapsed : [claimOf(fact, fact.at, fact.at)])
      this.#tell(fact, { event: 'resolved', at: fact.at, claim: endedBy(claim, fact) })
  }

  /** A decision of the guard. It changes no claim, so nothing else waits for it. */
  #tellDecision(fact: ToldFact): void {
    const { what, at, key } = fact
    if (at <= this.#base || !isDecision(what)) {
      this.pass(fact)
      return
    }
    this.#waiting.delete(key)
    this.#seen.set(key, at)
    this.#news.push({ fact, change: { event: what, at, claim: claimOf(fact, at, at), fact: key } })
  }

  #rememberLapsed({ claims, asOf }: Snapshot): void {
    for (const claim of claims) if (isLapsed(claim, asOf)) this.#lapsed.set(rowOfClaim(claim), claim)
    const tooOld = asOf.getTime() - LAPSED_KEPT_SECONDS * 1_000
    for (const [row, { expiresAt }] of this.#lapsed)
      if (this.#lapsed.size > LAPSED_MAX || expiresAt.getTime() < tooOld) this.#lapsed.delete(row)
      else break
  }

  #forget(): void {
    const since = this.since?.getTime() ?? 0
    for (const [key, at] of this.#seen) if (at.getTime() < since) this.#seen.delete(key)
    this.#owed.forget(since)
    for (const [row, late] of this.#late) if (!late.some(from => from >= since)) this.#late.delete(row)
    for (const [row, { to }] of this.#ended) if (to < since) this.#ended.delete(row)
    for (const row of this.#differs.keys()) if (!this.#view.has(row)) this.#differs.delete(row)
    for (const [key, { fact }] of this.#waiting)
      if (fact.isMaybe && fact.at.getTime() < since) this.#waiting.delete(key)
  }
}

interface BoardState {
  readonly snapshot: Snapshot
  readonly live: ReadonlyMap<string, Claim>
  readonly withEvents: boolean
}

function liveRows({ claims, asOf }: Snapshot): ReadonlyMap<string, Claim> {
  return new Map(claims.filter(claim => isLive(claim, asOf)).map(claim => [rowOfClaim(claim), claim]))
}

/** Sorts by time, but never puts a row's later fact before its earlier one. */
function inOrder(news: readonly Told[]): readonly Told[] {
  const latest = new Map<string, number>()
  return news
    .map(told => {
      const { row, at } = told.fact
      const time = Math.max((told.change?.at ?? at).getTime(), latest.get(row) ?? 0)
      latest.set(row, time)
      return { told, time }
    })
    .sort((a, b) => a.time - b.time)
    .map(({ told }) => told)
}

/**
 * Limits a row's time, which may be wrong: a change that was found between two polls happened between them.
 */
function within(earliest: Date, time: Date, latest: Date): Date {
  if (time > latest) return latest
  return time < earliest ? earliest : time
}

/**
 * True if both are the same claim. An exclusive claim is the only one in its row, so it needs no comparison.
 */
function isSame(was: Claim, is: Claim): boolean {
  return is.token !== undefined || was.claimedAt.getTime() === is.claimedAt.getTime()
}
