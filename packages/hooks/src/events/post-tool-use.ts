import { moment } from '@presence/core/internal'
import { coClaimBlock, keysOf, lapsedBlock, lapseKey } from '../context/claims.ts'
import type { HookEvent } from '../hook.ts'

/**
 * After a tool did work, sends the throttled heartbeat. Tells the agent only news: a claim of this session
 * that lapsed, or another session on one of its labels that it wasn't told about (G1).
 */
export const postToolUse: HookEvent = {
  needs: () => ['heartbeat-if-due'],
  answer: (_, { standing, told = new Set() }, { here }) => {
    if (!standing?.known) return {}
    const { asOf, coClaims } = standing.value
    const news = coClaims
      .map(({ label, others }) => ({
        label,
        others: others.filter(other => !told.has(keysOf([{ label, others: [other] }])[0] ?? '')),
      }))
      .filter(({ others }) => others.length > 0)
    const lapsed = standing.value.lapsed.filter(one => !told.has(lapseKey(one)))
    const lines = [...lapsedBlock({ ...standing.value, lapsed }), ...coClaimBlock(news, asOf, here)]
    return lines.length > 0 ? { context: [`Presence board at ${moment(asOf)}:`, ...lines].join('\n') } : {}
  },
}
