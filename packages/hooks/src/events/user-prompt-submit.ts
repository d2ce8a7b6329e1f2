import { moment } from '@presence/core/internal'
import { lapsedBlock, othersBlock } from '../context/claims.ts'
import { messagesBlock } from '../context/messages.ts'
import { blockedPrompt } from '../context/role.ts'
import { tasksBlock } from '../context/tasks.ts'
import type { HookEvent } from '../hook.ts'

/**
 * Before each turn, tells the agent what others hold and the tracker's tasks, in one dated block; prints
 * nothing if there is nothing to report. A session without a role is blocked if the project requires one.
 */
export const userPromptSubmit: HookEvent = {
  needs: () => ['heartbeat-if-due', 'list', 'unread', 'tasks'],
  answer: (_, { standing, others, messages, tasks }, { me, here, role }) => {
    if (role?.problem?.blocks) return { block: blockedPrompt(role.problem) }
    const lapsed = standing?.known ? lapsedBlock(standing.value) : []
    const title = standing?.known ? `Your own claims at ${moment(standing.value.asOf)}:` : ''
    const lines = [
      ...(lapsed.length > 0 ? [title, ...lapsed] : []),
      ...messagesBlock(messages),
      ...(others ? othersBlock(others, me, here) : []),
      ...tasksBlock(tasks),
    ]
    return lines.length > 0 ? { context: lines.join('\n') } : {}
  },
}
