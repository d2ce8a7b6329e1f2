import type { Call } from '../call.ts'
import { CLAIM_VERBS, type Tracks } from '../tracks.ts'
import type { Rule, Violation } from './rule.ts'

/** If two sessions claim one label at the same time, at least one answer names the other session. */
export const blind: Rule = {
  name: 'mutual-blindness',
  guarantee: 'G1',
  *judge({ history, tracks }) {
    for (const label of history.labels)
      for (const [a, b] of overlapping(history.calls.filter(call => isClaimOn(call, label))))
        if (a.session !== b.session && !names(a, b) && !names(b, a) && bothStand(a, b, tracks))
          yield said(a, b)
  },
}

function said(a: Call, b: Call): Violation {
  return {
    message: `${a.session} and ${b.session} both hold ${a.label}, and neither answer names the other`,
    proof: [a, b],
  }
}

export function isClaimOn(call: Call, label: string): boolean {
  return (
    call.label === label &&
    call.outcome === 'ok' &&
    CLAIM_VERBS.has(call.verb) &&
    call.answer.claim !== undefined
  )
}

/** Pairs of calls that overlap in time. */
export function* overlapping(calls: readonly Call[]): Iterable<readonly [Call, Call]> {
  const open: Call[] = []
  for (const call of [...calls].sort((a, b) => a.from - b.from)) {
    for (let at = open.length - 1; at >= 0; at--) {
      const before = open[at]
      if (!before) continue
      if (before.end < call.from) open.splice(at, 1)
      else yield [before, call]
    }
    open.push(call)
  }
}

/** Whether both claims are on the board when the later of two overlapping calls ends. */
export function bothStand(a: Call, b: Call, tracks: Tracks): boolean {
  const until = Math.max(a.end, b.end)
  return stands(a, b) && stands(b, a)

  function stands(one: Call, other: Call): boolean {
    const { claim } = one.answer
    if (!claim || claim.expiresAt <= (other.answer.asOf ?? Number.POSITIVE_INFINITY)) return false
    return !tracks.mayEnd(one, claim, one.from, until)
  }
}

function names(call: Call, other: Call): boolean {
  return (call.answer.others ?? []).some(({ session }) => session === other.session)
}
