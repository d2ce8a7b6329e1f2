import type { HookEvent } from '../hook.ts'

/** Agents' own task lists, which no other session sees. */
const TASK_TOOLS: ReadonlySet<string> = new Set(['TaskCreate', 'TaskUpdate', 'TodoWrite'])

/** Before a tool is used, or where the agent would ask for leave: by option, tasks go into the tracker instead. */
export const preToolUse: HookEvent = {
  needs: () => [],
  answer: ({ toolName }, _, { denyTaskTools }) =>
    denyTaskTools && toolName !== undefined && TASK_TOOLS.has(toolName)
      ? {
          deny: `Tasks of this project are kept in the tracker, where every session sees them: ${
            toolName === 'TaskUpdate'
              ? '`bd update <id> --status in_progress`, `bd close <id>`'
              : '`bd create "<title>"`'
          } in place of ${toolName}.`,
        }
      : {},
}
