import type { HookEvent } from '../hook.ts'

/**
 * Runs before a tool is used, or when the agent would ask for permission. With `--deny-task-tools` it denies
 * the agent's own task tools and names the tracker's command instead.
 */
export const preToolUse: HookEvent = {
  needs: () => [],
  // Without a tracker a task could not be kept anywhere else.
  answer: ({ toolName }, _, { denyTaskTools, taskTools, hasTracker }) =>
    denyTaskTools && hasTracker && toolName !== undefined && taskTools.has(toolName)
      ? {
          deny: `Tasks of this project are kept in the tracker, where every session sees them: use ${
            toolName === 'TaskUpdate'
              ? '`bd update <id> --status in_progress` or `bd close <id>`'
              : '`bd create "<title>"`'
          } instead of ${toolName}.`,
        }
      : {},
}
