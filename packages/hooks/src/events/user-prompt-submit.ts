import { lapsedBlock, othersBlock } from '../context/claims.ts'
import { messagesBlock } from '../context/messages.ts'
import { tasksBlock } from '../context/tasks.ts'
import { moment } from '../context/text.ts'
import type { HookEvent } from '../hook.ts'

/** Before each turn: what others hold and what the tracker has, in one dated block; nothing when there is nothing to say. */
export const userPromptSubmit: HookEvent = {
  needs: () => ['heartbeat-if-due', 'list', 'unread', 'tasks'],
  answer: ({ event }, { standing, others, messages, shown = new Map(), tasks }, { me, repo }) => {
    const lapsed = standing?.known ? lapsedBlock(standing.value) : []
    const title = standing?.known ? `Your own claims at ${moment(standing.value.asOf)}:` : ''
    const lines = [
      ...(lapsed.length > 0 ? [title, ...lapsed] : []),
      ...messagesBlock(messages, shown, event),
      ...(others ? othersBlock(others, me, repo) : []),
      ...tasksBlock(tasks),
    ]
    return lines.length > 0 ? { context: lines.join('\n') } : {}
  },
}
