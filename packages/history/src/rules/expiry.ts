import type { Call } from '../call.ts'
import type { Claim } from '../format.ts'
import { claimsIn } from '../history.ts'
import { CLAIM_VERBS, modeOf } from '../tracks.ts'
import type { Rule } from './rule.ts'

/** Heartbeats and further claims only extend: no claim's expiry ever moves back. */
export const neverShorter: Rule = {
  name: 'never-shorter',
  guarantee: 'G3',
  *judge({ history }) {
    const byClaim = new Map<string, { readonly call: Call; readonly claim: Claim }[]>()
    for (const call of history.calls)
      for (const claim of claimsIn(call)) {
        const key = [claim.session, claim.label, claim.token, claim.claimedAt].join('\0')
        const seen = byClaim.get(key)
        if (seen) seen.push({ call, claim })
        else byClaim.set(key, [{ call, claim }])
      }
    for (const seen of byClaim.values()) {
      const byEnd = [...seen].sort((a, b) => a.call.end - b.call.end)
      let at = 0
      let longest: (typeof seen)[number] | undefined
      for (const each of seen.sort((a, b) => a.call.start - b.call.start)) {
        for (let next = byEnd[at]; next && next.call.end < each.call.start; next = byEnd[++at])
          if (!longest || next.claim.expiresAt > longest.claim.expiresAt) longest = next
        if (!longest || longest.claim.expiresAt <= each.claim.expiresAt) continue
        const lost = longest.claim.expiresAt - each.claim.expiresAt
        const { session, label } = each.claim
        yield {
          message: `the claim of ${session} on ${label} ends ${lost} ms sooner than an earlier answer said`,
          proof: [longest.call, each.call],
        }
        break
      }
    }
  },
}

/** A heartbeat extends each of the session's live claims by its own ttl, from the moment of the call. */
export const extends_: Rule = {
  name: 'heartbeat-extends',
  guarantee: 'G3',
  *judge({ history, tracks }) {
    for (const call of history.calls) {
      if (call.verb !== 'heartbeat' || call.outcome !== 'ok') continue
      for (const claim of call.answer.mine ?? []) {
        if (claim.ttlSeconds === 0) continue
        const due = history.clock.low(call.start) + claim.ttlSeconds * 1_000
        if (claim.expiresAt >= due) continue
        const own = tracks.surelyOn(claim.session, claim.label, call.start, call.end, 0)
        if (!own || own.claim.claimedAt !== claim.claimedAt || own.claim.token !== claim.token) continue
        yield {
          message: `a heartbeat left the claim of ${claim.session} on ${claim.label} ${Math.round(due - claim.expiresAt)} ms short of its ttl`,
          proof: [own.told, call],
        }
      }
    }
  },
}

/** Claiming again keeps `claimedAt` and never moves the expiry back. */
export const again: Rule = {
  name: 'claim-again-keeps',
  guarantee: 'G3',
  *judge({ history, tracks }) {
    for (const call of history.calls) {
      const { claim, asOf } = call.answer
      if (!CLAIM_VERBS.has(call.verb) || call.outcome !== 'ok' || !claim || asOf === undefined) continue
      const before = tracks.surelyOn(call.session, claim.label, call.from, call.end, asOf)
      if (!before || before.mode !== modeOf(claim)) continue
      if (before.claim.claimedAt === claim.claimedAt && before.claim.expiresAt <= claim.expiresAt) continue
      yield {
        message: `${call.session} claimed ${claim.label} again, and the claim got a new claimedAt or ends sooner`,
        proof: [before.told, call],
      }
    }
  },
}

/** No answer lists a claim that had expired by the database's time of that answer. */
export const expired: Rule = {
  name: 'expired-is-not-live',
  guarantee: 'G3',
  *judge({ history }) {
    for (const call of history.calls) {
      const { asOf } = call.answer
      if (asOf === undefined || call.outcome === 'fault') continue
      // In the answer of a wait or a steal, the claim and `asOf` may come from two statements.
      const over = claimsIn(call).find(claim => claim.expiresAt <= asOf)
      if (!over) continue
      yield {
        message: `${call.verb} shows a claim of ${over.session} on ${over.label} that expired ${asOf - over.expiresAt} ms before`,
        proof: [call],
      }
    }
  },
}
