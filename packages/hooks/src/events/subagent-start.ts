import { tell } from '../context/tell.ts'
import type { HookEvent } from '../hook.ts'

/**
 * A subagent starts, with a context of its own: it is told in full what others hold, and what happened to the session's
 * own claims. That doesn't count as told to the agent that started it, which doesn't read it.
 */
export const subagentStart: HookEvent = {
  needs: () => ['list'],
  answer: (_, said, { me, here }) => {
    const { context, told } = tell({ ...said, shownLapsed: new Set() }, { me, here }, { isStart: true })
    return context === undefined ? {} : { context, told: told ?? [] }
  },
}
