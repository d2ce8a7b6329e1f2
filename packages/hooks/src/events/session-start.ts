import { moment, nameOf, plain } from '@presence/core/internal'
import { coClaimBlock, lapsedBlock, othersBlock } from '../context/claims.ts'
import { messagesBlock } from '../context/messages.ts'
import { roleBlock } from '../context/role.ts'
import type { HookEvent } from '../hook.ts'

/**
 * A session starts or resumes: the agent is told what others hold, and which of the session's own claims
 * lapsed meanwhile.
 */
export const sessionStart: HookEvent = {
  needs: () => ['heartbeat', 'register', 'list', 'unread'],
  answer: (_, { standing, others, messages, troubles = [] }, { me, here, sessionFlag, role }) => {
    const lines = others ? othersBlock(others, me, here) : []
    const own = standing?.known
      ? [...lapsedBlock(standing.value), ...coClaimBlock(standing.value.coClaims, standing.value.asOf, here)]
      : []
    const title = standing?.known ? `Your own claims at ${moment(standing.value.asOf)}:` : ''
    // Problems are reported only at the start, because a warning before every turn would soon be ignored.
    const amiss = troubles.map(trouble => `Presence: fix this problem on this machine: ${plain(trouble)}`)
    const name = sessionFlag
      ? [
          `On the presence board, this session is ${nameOf(me)}. Add \`${plain(sessionFlag)}\` to every presence command.`,
        ]
      : []
    const all = [
      ...name,
      ...roleBlock(role),
      ...amiss,
      ...(own.length > 0 ? [title, ...own] : []),
      ...messagesBlock(messages),
      ...lines,
    ]
    return all.length > 0 ? { context: all.join('\n') } : {}
  },
}
