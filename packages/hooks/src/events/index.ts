import type { EventName, HookEvent } from '../hook.ts'
import { postToolUse } from './post-tool-use.ts'
import { preToolUse } from './pre-tool-use.ts'
import { sessionEnd, stop } from './session-end.ts'
import { sessionStart } from './session-start.ts'
import { subagentStart } from './subagent-start.ts'
import { userPromptSubmit } from './user-prompt-submit.ts'

/** The implementation of each event. */
export const HOOK_EVENTS: Readonly<Record<EventName, HookEvent>> = {
  SessionStart: sessionStart,
  SubagentStart: subagentStart,
  UserPromptSubmit: userPromptSubmit,
  PreToolUse: preToolUse,
  PermissionRequest: preToolUse,
  PostToolUse: postToolUse,
  PostToolUseFailure: postToolUse,
  Stop: stop,
  SessionEnd: sessionEnd,
}
