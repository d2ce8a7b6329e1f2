import { CLAIM_VERBS } from '../tracks.ts'
import type { Rule } from './rule.ts'

const TELLING = new Set(['heartbeat', 'list', 'peek', 'release'])

/** At its next claim, heartbeat, list, peek or release, a session is told who else holds its labels. */
export const told: Rule = {
  name: 'co-claims-told',
  guarantee: 'G1',
  *judge({ history, tracks }) {
    for (const call of history.calls) {
      const { verb, session, answer, outcome } = call
      const tells = TELLING.has(verb) || (CLAIM_VERBS.has(verb) && answer.coClaims)
      if (outcome !== 'ok' || answer.asOf === undefined || !tells) continue
      for (const label of history.labels) {
        // A claim's answer has the holders of its label in
        // another field, and a released label is no longer held.
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
