import { CLAIM_VERBS } from '../tracks.ts'
import type { Rule } from './rule.ts'

const TELLING = new Set(['heartbeat', 'list', 'peek', 'release'])

/** At its next call, whichever verb that is, a session is told who else is on the labels that it holds. */
export const told: Rule = {
  name: 'co-claims-told',
  guarantee: 'G1',
  *judge({ history, tracks }) {
    for (const call of history.calls) {
      const { verb, session, answer, outcome } = call
      const tells = TELLING.has(verb) || (CLAIM_VERBS.has(verb) && answer.coClaims)
      if (outcome !== 'ok' || answer.asOf === undefined || !tells) continue
      for (const label of history.labels) {
        // Its own label's holders are in another part of a claim's answer, and a release holds it no more.
        if (label === call.label && verb !== 'peek') continue
        if (verb === 'release' && call.label === undefined) continue
        const own = tracks.surelyOn(session, label, call.start, call.end, answer.asOf)
        if (!own) continue
        for (const other of tracks.sessionsOn(label)) {
          if (other === session) continue
          const theirs = tracks.surelyOn(other, label, call.start, call.end, answer.asOf)
          if (!theirs || isNamed(other, label)) continue
          yield {
            message: `${session} holds ${label} beside ${other}, and its ${verb} doesn't say so`,
            proof: [own.told, theirs.told, call],
          }
        }
      }

      function isNamed(other: string, label: string): boolean {
        return (answer.coClaims ?? []).some(
          each => each.label === label && each.others.some(claim => claim.session === other),
        )
      }
    }
  },
}
