import { nameOf, plain } from '@presence/core/internal'
import { roleBlock } from '../context/role.ts'
import { tell } from '../context/tell.ts'
import type { HookEvent } from '../hook.ts'

/**
 * A session starts or resumes, or its context was shortened: the agent is told in full what others hold, and which of
 * the session's own claims were stolen or lapsed meanwhile, also if it was told before: it may have lost that.
 */
export const sessionStart: HookEvent = {
  needs: () => ['heartbeat', 'register', 'list', 'unread'],
  answer: (_, said, { me, here, sessionFlag, role }) => {
    // Problems are reported only at the start, because a warning before every turn would soon be ignored.
    const amiss = (said.troubles ?? []).map(
      trouble => `Presence: fix this problem on this machine: ${plain(trouble)}`,
    )
    const name = sessionFlag
      ? [
          `On the presence board, this session is ${nameOf(me)}. Add \`${plain(sessionFlag)}\` to every presence command.`,
        ]
      : []
    return tell(said, { me, here }, { isStart: true, head: [...name, ...roleBlock(role), ...amiss] })
  },
}
