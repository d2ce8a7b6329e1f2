import type { EventName } from '../hook.ts'
import { type Adapter, textOf } from './adapter.ts'

const EVENTS: Readonly<Record<string, EventName>> = {
  sessionStart: 'SessionStart',
  beforeSubmitPrompt: 'UserPromptSubmit',
  preToolUse: 'PreToolUse',
  postToolUse: 'PostToolUse',
  stop: 'Stop',
  sessionEnd: 'SessionEnd',
}

/**
 * The events at which Cursor accepts text for the agent's context. At a prompt it accepts no text for the
 * agent, only a decision to continue or to block.
 */
const WITH_CONTEXT: ReadonlySet<string> = new Set(['sessionStart', 'postToolUse'])

/**
 * Cursor's payloads name a conversation instead of a session, and a list of folders instead of one. Its
 * answers are flat objects.
 */
export const cursor: Adapter = {
  name: 'cursor',
  eventOf: name => (Object.hasOwn(EVENTS, name) ? EVENTS[name] : undefined),
  taskTools: new Set(['TodoWrite', 'todo_write']),
  // One Cursor process has many conversations, so the process doesn't identify the session. Variables that a
  // hook sets for a session are passed only to other hooks, not to commands.
  namesSession: true,
  read: (payload, event) => {
    const roots = payload['workspace_roots']
    const root: unknown = Array.isArray(roots) ? roots[0] : undefined
    return {
      event,
      sessionId: textOf(payload, 'session_id', 'conversation_id') ?? '',
      cwd: textOf(payload, 'cwd') ?? (typeof root === 'string' ? root : ''),
      because: textOf(payload, 'reason'),
      toolName: textOf(payload, 'tool_name'),
    }
  },
  write: ({ context, deny, block }, event, name) => {
    if (block !== undefined && event === 'UserPromptSubmit') return { continue: false, user_message: block }
    if (deny !== undefined) return { permission: 'deny', user_message: deny, agent_message: deny }
    return context !== undefined && WITH_CONTEXT.has(name) ? { additional_context: context } : undefined
  },
  hear: answer => ({
    context: textOf(answer, 'additional_context'),
    deny: answer['permission'] === 'deny' ? textOf(answer, 'agent_message', 'user_message') : undefined,
    block: answer['continue'] === false ? textOf(answer, 'user_message') : undefined,
  }),
}
