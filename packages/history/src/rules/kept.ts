import { viewsOf } from '../views.ts'
import type { Rule } from './rule.ts'

/** An acknowledged claim is in every later read until it is released, expires, is stolen or resolved. */
export const kept: Rule = {
  name: 'acknowledged-stays',
  guarantee: 'G2',
  *judge({ history, tracks }) {
    for (const { call, asOf, claims, covers } of viewsOf(history))
      for (const label of history.labels)
        for (const session of tracks.sessionsOn(label)) {
          if (!covers(session, label)) continue
          const assertion = tracks.surelyOn(session, label, call.start, call.end, asOf)
          if (!assertion) continue
          const { token } = assertion.claim
          const found = claims.filter(claim => claim.session === session && claim.label === label)
          if (found.some(claim => token === undefined || claim.token === token)) continue
          yield {
            message: `${session} was told that it holds ${label}${token === undefined ? '' : ` with token ${token}`}, and a later ${call.verb} doesn't show it`,
            proof: [...new Set([assertion.call, assertion.told, call])],
          }
        }
  },
}
