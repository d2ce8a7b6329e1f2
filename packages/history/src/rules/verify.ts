import type { Call } from '../call.ts'
import { claimsIn } from '../history.ts'
import type { Evidence, Rule, Violation } from './rule.ts'

const ASKS = new Set(['verify', 'lease-verify'])

/** A token verifies while its claim is held, and never after a release, a steal or a higher token. */
export const verify: Rule = {
  name: 'verify-is-true',
  guarantee: 'G4',
  *judge(evidence) {
    const ends = endsOf(evidence)
    for (const call of evidence.history.calls) {
      if (!ASKS.has(call.verb) || call.outcome !== 'ok' || call.args.token === undefined) continue
      if (call.answer.current) yield* wronglyCurrent(call, ends)
      else yield* wronglyLost(call, evidence)
    }
  },
}

function* wronglyCurrent(call: Call, ends: ReadonlyMap<string, readonly Call[]>): Iterable<Violation> {
  const { args, label = '', answer } = call
  const token = args.token ?? 0
  const { holder, asOf } = answer
  if (holder && (holder.token !== token || (asOf !== undefined && holder.expiresAt <= asOf)))
    yield { message: `token ${token} of ${label} verified, and its claim isn't the live one`, proof: [call] }
  const ended = (ends.get(`${label} ${token}`) ?? []).find(each => each.end < call.start)
  if (ended)
    yield {
      message: `token ${token} of ${label} verified after ${ended.verb === 'steal' ? 'it was stolen' : `its ${ended.verb}`}`,
      proof: [ended, call],
    }
}

/** The calls that surely ended a token, by label and token: releases by its session, and steals from it. */
function endsOf({ history }: Evidence): ReadonlyMap<string, readonly Call[]> {
  const ends = new Map<string, Call[]>()
  const add = (label: string, token: number | undefined, call: Call) => {
    if (token === undefined) return
    const key = `${label} ${token}`
    const known = ends.get(key)
    if (known) known.push(call)
    else ends.set(key, [call])
  }
  const highest = new Map<string, number[]>()
  for (const call of history.calls)
    for (const { label, token } of claimsIn(call))
      if (token !== undefined) highest.set(label, [...new Set([...(highest.get(label) ?? []), token])])
  for (const call of history.calls) {
    if (call.outcome !== 'ok') continue
    for (const { label, token } of call.answer.released ?? []) add(label, token, call)
    if (call.verb === 'lease-release' && call.label !== undefined && !mayBeSiblings(call, history.calls))
      add(call.label, call.args.token, call)
    const { claim } = call.answer
    // A higher token that was given out ends all lower ones.
    if (claim?.token === undefined) continue
    for (const token of highest.get(claim.label) ?? []) if (token < claim.token) add(claim.label, token, call)
  }
  return ends
}

/**
 * Whether another process of the session may have claimed the label with the lease's token.
 * That claim continues after the lease.
 */
function mayBeSiblings({ session, label, args, end }: Call, calls: readonly Call[]): boolean {
  return calls.some(
    each =>
      (each.verb === 'claimExclusively' || each.verb === 'wait') &&
      each.session === session &&
      each.label === label &&
      each.outcome !== 'refused' &&
      each.start < end &&
      (each.answer.claim === undefined || each.answer.claim.token === args.token),
  )
}

function* wronglyLost(call: Call, { history, tracks }: Evidence): Iterable<Violation> {
  const { args, label = '', answer, verb, session } = call
  // A lease's own check answers only yes or no, without the database's time.
  const asOf = answer.asOf ?? history.clock.high(call.end)
  for (const of of verb === 'lease-verify' ? [session] : tracks.sessionsOn(label)) {
    const held = tracks.surelyOn(of, label, call.start, call.end, asOf)
    if (!held || held.claim.token !== args.token) continue
    yield {
      message: `${of} was told that it holds ${label} with token ${args.token}; verify says that the token is not current, and nothing ended that claim`,
      proof: [...new Set([held.call, held.told, call])],
    }
  }
}
