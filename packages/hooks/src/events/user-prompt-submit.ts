import { blockedPrompt } from '../context/role.ts'
import { tasksBlock } from '../context/tasks.ts'
import { tell } from '../context/tell.ts'
import type { HookEvent } from '../hook.ts'

/**
 * Before each turn, tells the agent first what happened to its own claims, whether or not a heartbeat is due, then
 * what changed on the board since it was told last, and the tracker's tasks; prints nothing if there is nothing to
 * report. A session without a role is blocked if the project requires one.
 */
export const userPromptSubmit: HookEvent = {
  needs: () => ['heartbeat-if-due', 'list', 'unread', 'tasks'],
  answer: (_, said, { me, here, role }) =>
    role?.problem?.blocks
      ? { block: blockedPrompt(role.problem) }
      : tell(said, { me, here }, { isStart: false, tasks: said.tasks && tasksBlock(said.tasks, me) }),
}
