import type { HookEvent } from '../hook.ts'

/**
 * Before a tool is used, or where the agent would ask for permission: with the option, tasks go to the
 * tracker instead.
 */
export const preToolUse: HookEvent = {
  needs: () => [],
  // Without a tracker a task could not be kept anywhere else.
  answer: ({ toolName }, _, { denyTaskTools, taskTools, hasTracker }) =>
    denyTaskTools && hasTracker && toolName !== undefined && taskTools.has(toolName)
      ? {
          deny: `Tasks of this project are kept in the tracker, where every session sees them: ${
            toolName === 'TaskUpdate'
              ? '`bd update <id> --status in_progress`, `bd close <id>`'
              : '`bd create "<title>"`'
          } in place of ${toolName}.`,
        }
      : {},
}
