import type { Call } from '../call.ts'
import { claimsIn } from '../history.ts'
import { type Assertion, CLAIM_VERBS, EXCLUSIVE_VERBS } from '../tracks.ts'
import { bothStand, isClaimOn, overlapping } from './blind.ts'
import type { Evidence, Rule, Violation } from './rule.ts'

/** A label has one exclusive holder, and no other session is granted a claim on it meanwhile. */
export const holders: Rule = {
  name: 'one-holder',
  guarantee: 'G4',
  *judge(evidence) {
    const { history } = evidence
    for (const call of history.calls) {
      yield* twoInOneAnswer(call)
      if (CLAIM_VERBS.has(call.verb) && call.outcome === 'ok' && call.answer.claim) {
        yield* whileHeld(call, evidence)
      }
      if (call.verb !== 'run' && call.answer.code === 'held') yield* byNobody(call)
    }
    for (const label of history.labels)
      for (const [a, b] of overlapping(history.calls.filter(call => isClaimOn(call, label))))
        yield* atOnce(a, b, evidence)
  },
}

function* twoInOneAnswer(call: Call): Iterable<Violation> {
  const { others = [], mine = [], claims = [] } = call.answer
  const byLabel = new Map<string, string>()
  for (const { label, session, token } of [...others, ...mine, ...claims]) {
    if (token === undefined) continue
    const known = byLabel.get(label)
    if (known !== undefined && known !== session)
      yield { message: `${known} and ${session} both hold ${label} exclusively`, proof: [call] }
    byLabel.set(label, session)
  }
}

function* whileHeld(call: Call, { history, tracks }: Evidence): Iterable<Violation> {
  const { claim, isNew } = call.answer
  const asOf = call.answer.asOf ?? history.clock.high(call.end)
  if (!claim) return
  const { label } = claim
  for (const other of tracks.sessionsOn(label)) {
    if (other === call.session) continue
    const held = tracks.surelyOn(other, label, call.from, call.end, asOf)
    if (!held || isAllowed(held, call)) continue
    const how = claim.token === undefined ? 'as a shared claim' : `exclusively (token ${claim.token})`
    yield {
      message: `${call.session} was granted ${label} ${how} while ${other} held it ${held.mode === 'shared' ? 'too' : `exclusively (token ${held.claim.token})`}`,
      proof: [held.told, call],
    }
  }

  function isAllowed(held: Assertion, by: Call): boolean {
    if (!claim) return true
    // A shared claim that existed before an exclusive claim with `overShared` may be renewed.
    if (claim.token === undefined) return held.mode === 'shared' || claim.claimedAt <= held.asOf
    if (held.mode === 'exclusive') return false
    return by.verb === 'steal' || by.verb === 'claim' || by.args.overShared === true || !isNew
  }
}

/**
 * If an exclusive and a shared claim overlap in time, one must withdraw, because each writes before it reads.
 */
function* atOnce(a: Call, b: Call, { tracks }: Evidence): Iterable<Violation> {
  if (a.session === b.session) return
  const exclusive = [a, b].find(each => isSoleGrant(each))
  const other = exclusive === a ? b : a
  if (!exclusive || other.args.overShared || other.verb === 'steal' || !bothStand(a, b, tracks)) return
  yield {
    message: `${exclusive.session} was granted ${a.label} exclusively, and ${other.session} was granted it at the same time`,
    proof: [exclusive, other],
  }
}

function isSoleGrant({ verb, args, answer }: Call): boolean {
  return EXCLUSIVE_VERBS.has(verb) && verb !== 'steal' && !args.overShared && answer.isNew === true
}

/** A refusal names the holders, or says how many sessions wait. */
function* byNobody(call: Call): Iterable<Violation> {
  if ((call.answer.holders ?? []).length > 0 || (call.answer.waiting ?? 0) > 0) return
  yield {
    message: `${call.session} was refused ${call.label}, but not told who holds it`,
    proof: [call],
  }
}

/** Fencing tokens are unique and grow, and no answer shows a holder after a higher token was given out. */
export const tokens: Rule = {
  name: 'tokens-grow',
  guarantee: 'G4',
  *judge({ history }) {
    const owners = new Map<string, { readonly call: Call; readonly session: string; readonly at: number }>()
    const newest = new Newest()
    for (const call of history.calls)
      for (const { label, session, token, claimedAt } of claimsIn(call)) {
        if (token === undefined) continue
        const known = owners.get(`${label} ${token}`)
        if (known && (known.session !== session || known.at !== claimedAt))
          yield {
            message: `token ${token} of ${label} was given to ${known.session} and again to ${session}`,
            proof: [known.call, call],
          }
        if (!known) owners.set(`${label} ${token}`, { call, session, at: claimedAt })
        newest.add(label, token, call)
      }
    newest.sort()
    for (const call of history.calls)
      for (const { label, session, token } of claimsIn(call)) {
        if (token === undefined) continue
        const passed = newest.before(label, call.from)
        if (passed && passed.token > token)
          yield {
            message: `${session} is shown as holder of ${label} with token ${token} after token ${passed.token} was given out`,
            proof: [passed.call, call],
          }
      }
  },
}

/** The highest token that was seen before a moment. */
class Newest {
  readonly #seen = new Map<string, { token: number; readonly call: Call }[]>()

  add(label: string, token: number, call: Call): void {
    const seen = this.#seen.get(label)
    if (seen) seen.push({ token, call })
    else this.#seen.set(label, [{ token, call }])
  }

  /**
   * Sorts by the calls' ends, and gives each entry the highest token up to it. Must be called before the
   * first call of `before`.
   */
  sort(): void {
    for (const seen of this.#seen.values()) {
      seen.sort((a, b) => a.call.end - b.call.end)
      for (const [at, entry] of seen.entries()) {
        const before = seen[at - 1]
        if (before && before.token > entry.token) seen[at] = { token: before.token, call: before.call }
      }
    }
  }

  before(label: string, moment: number): { readonly token: number; readonly call: Call } | undefined {
    const seen = this.#seen.get(label) ?? []
    let [low, high] = [0, seen.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((seen[middle]?.call.end ?? 0) < moment) low = middle + 1
      else high = middle
    }
    return seen[low - 1]
  }
}
