import type { Call } from './call.ts'
import type { Claim } from './format.ts'
import type { History } from './history.ts'

export type Mode = 'shared' | 'exclusive'

/** An answer that told a session that it holds a label. */
export interface Assertion {
  readonly call: Call
  readonly claim: Claim
  readonly mode: Mode
  /** From here on the claim may be on the board. From `call.end` on it is. */
  readonly from: number
  /** The call with that answer: the claim itself, or a heartbeat that extended it. */
  readonly told: Call
  /** The latest possible database time of the answer. */
  readonly asOf: number
}

/** A call that may have ended a session's claim on a label. */
interface Ending {
  readonly call: Call
  readonly from: number
  readonly until: number
  readonly mode: Mode | 'both'
}

export const EXCLUSIVE_VERBS: ReadonlySet<string> = new Set(['claimExclusively', 'wait', 'acquire', 'steal'])
export const CLAIM_VERBS: ReadonlySet<string> = new Set(['claim', ...EXCLUSIVE_VERBS])
/** Verbs that write a claim. `run` is the command that runs another one under a claim. */
export const WRITING_VERBS: ReadonlySet<string> = new Set([...CLAIM_VERBS, 'run'])

/** Verbs that may end an exclusive claim. */
const ENDING_VERBS: ReadonlySet<string> = new Set(['release', 'lease-release', 'run', 'steal'])

export function modeOf(claim: Claim): Mode {
  return claim.token === undefined ? 'shared' : 'exclusive'
}

/** One session on one label: what it was told, and which calls may have ended its claims. */
class Track {
  /** Ordered by the end of the answer. */
  readonly assertions: Assertion[] = []
  /** Ordered by their start. */
  readonly endings: Ending[] = []
  /** For each ending, the latest `until` of it and all before it. */
  readonly #latest: number[] = []
  /** Releases that surely removed all that was there. */
  readonly releases: Call[] = []

  sort(): void {
    this.assertions.sort((a, b) => a.told.end - b.told.end)
    this.endings.sort((a, b) => a.from - b.from)
    this.releases.sort((a, b) => a.start - b.start)
    let latest = Number.NEGATIVE_INFINITY
    for (const { until } of this.endings) {
      latest = Math.max(latest, until)
      this.#latest.push(latest)
    }
  }

  mayEnd({ call: except, claim }: Pick<Assertion, 'call' | 'claim'>, from: number, until: number): boolean {
    const mode = modeOf(claim)
    for (let at = lastBefore(this.endings, until, each => each.from); at >= 0; at--) {
      if ((this.#latest[at] ?? 0) < from) return false
      const ending = this.endings[at]
      if (!ending || ending.call === except || ending.until < from) continue
      if (ending.call.verb === 'lease-release' && !isLeaseOf(ending.call, except, claim)) continue
      // A run only releases its own claim. That claim's purpose is the run's id, also in answers to other
      // processes of the session.
      if (ending.call.verb === 'run' && ending.call.id !== claim.purpose) continue
      if (ending.mode === 'both' || ending.mode === mode) return true
    }
    return false
  }
}

/** The tracks of all sessions on all labels. */
export class Tracks {
  readonly #tracks = new Map<string, Track>()
  readonly #history: History

  constructor(history: History) {
    this.#history = history
    for (const call of history.calls) this.#note(call)
    for (const call of history.calls) this.#noteHeartbeat(call)
    for (const track of this.#tracks.values()) track.sort()
  }

  /**
   * An assertion that proves that a session holds a label during a whole period, if there is one: the session
   * was told so before, and neither expiry nor any call can have ended the claim since.
   *
   * @param asOf the database's time at the end of the period
   */
  surelyOn(session: string, label: string, from: number, until: number, asOf: number): Assertion | undefined {
    const track = this.#track(session, label)
    const last = lastBefore(track.assertions, from, each => each.told.end)
    for (let at = last; at >= 0 && at > last - 6; at--) {
      const assertion = track.assertions[at]
      if (!assertion || assertion.claim.expiresAt <= asOf) continue
      if (!track.mayEnd(assertion, assertion.from, until)) return assertion
    }
    return undefined
  }

  /**
   * Whether another call can have ended this claim within a period.
   *
   * @param call the call that was told of the claim
   */
  mayEnd(call: Call, claim: Claim, from: number, until: number): boolean {
    return this.#track(claim.session, claim.label).mayEnd({ call, claim }, from, until)
  }

  /** The sessions that were ever told that they hold a label. */
  sessionsOn(label: string): readonly string[] {
    return this.#history.sessions.filter(session => this.#track(session, label).assertions.length > 0)
  }

  /** A release that surely happened after a write's last effect and before a moment, if there is one. */
  releaseBetween(write: Call, label: string, before: number): Call | undefined {
    return this.#track(write.session, label).releases.find(release => {
      // Queued operations are delivered in order.
      const after = release.outcome === 'queued' ? write.end : write.effectEnd
      return release.start > after && release.effectEnd < before
    })
  }

  #track(session: string, label: string): Track {
    const key = `${session}\0${label}`
    const known = this.#tracks.get(key)
    if (known) return known
    const track = new Track()
    this.#tracks.set(key, track)
    return track
  }

  #note(call: Call): void {
    const { verb, label, session, answer, outcome } = call
    if (CLAIM_VERBS.has(verb) && outcome === 'ok' && answer.claim) {
      const asOf = answer.asOf ?? this.#history.clock.high(call.end)
      const claim = answer.claim
      this.#track(session, claim.label).assertions.push({
        call,
        claim,
        mode: modeOf(claim),
        from: call.from,
        told: call,
        asOf,
      })
    }
    if (outcome === 'refused' && !this.#mayHaveStolen(call)) return
    if (outcome === 'queued' && verb !== 'release') return
    const until = call.effectEnd
    const end = (of: string, on: string, mode: Mode | 'both') =>
      this.#track(of, on).endings.push({ call, from: call.from, until, mode })
    if (verb === 'release') {
      for (const on of label === undefined ? this.#history.labels : [label]) {
        end(session, on, 'both')
        if (outcome === 'ok' || outcome === 'queued') this.#track(session, on).releases.push(call)
      }
      return
    }
    if (label === undefined) return
    if (verb === 'lease-release' || (verb === 'run' && call.args.exclusive)) end(session, label, 'exclusive')
    if (verb === 'steal')
      for (const other of this.#history.sessions) if (other !== session) end(other, label, 'exclusive')
  }

  /**
   * Whether a refused steal may have been done. A steal is also refused if it was done and its claim ended
   * before the answer: then another session holds the label, or none does.
   */
  #mayHaveStolen(call: Call): boolean {
    if (call.verb !== 'steal') return false
    if (call.answer.code === 'held') return true
    if (call.end - call.start >= (call.args.ttl ?? Number.POSITIVE_INFINITY) * 1_000) return true
    return this.#history.calls.some(
      other =>
        other !== call &&
        ENDING_VERBS.has(other.verb) &&
        (other.label === undefined || other.label === call.label) &&
        other.from < call.end &&
        other.effectEnd > call.from,
    )
  }

  /** A heartbeat acknowledges earlier claims again, with a later expiry. */
  #noteHeartbeat(call: Call): void {
    if (call.verb !== 'heartbeat' || call.outcome !== 'ok') return
    for (const claim of call.answer.mine ?? []) {
      const { assertions } = this.#track(call.session, claim.label)
      const first = assertions.find(
        each =>
          each.told.end < call.start &&
          each.claim.claimedAt === claim.claimedAt &&
          each.claim.token === claim.token,
      )
      if (first) assertions.push({ ...first, claim, told: call, asOf: call.answer.asOf ?? first.asOf })
    }
  }
}

/**
 * Whether the end of a lease may have ended this claim. A `lease-release` ends the lease that the same
 * process acquired. It also ends a claim that a `claim` call of the session was told of, because that call
 * got the lease's claim as its answer. A lease that another process acquired since stays.
 */
function isLeaseOf(release: Call, taken: Call, { token }: Claim): boolean {
  if (release.args.token !== token) return false
  return taken.verb === 'claim' || (taken.verb === 'acquire' && taken.process === release.process)
}

/** The index of the last element before a moment, in a sorted list, or -1. */
function lastBefore<T>(all: readonly T[], moment: number, at: (each: T) => number): number {
  let [low, high] = [0, all.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const each = all[middle]
    if (each !== undefined && at(each) < moment) low = middle + 1
    else high = middle
  }
  return low - 1
}
