import { objectIn } from '@presence/core/internal'
import { callIn, type Ending, endingOf, type ShellCall } from '../guard/tool-call.ts'
import type { EventName } from '../hook.ts'
import { type Adapter, type Payload, textOf } from './adapter.ts'

const EVENTS: Readonly<Record<string, EventName>> = {
  sessionStart: 'SessionStart',
  beforeSubmitPrompt: 'UserPromptSubmit',
  preToolUse: 'PreToolUse',
  beforeShellExecution: 'PreToolUse',
  postToolUse: 'PostToolUse',
  postToolUseFailure: 'PostToolUseFailure',
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
  write: ({ context, deny, ask, block }, event, name) => {
    if (block !== undefined && event === 'UserPromptSubmit') return { continue: false, user_message: block }
    if (deny !== undefined) return { permission: 'deny', user_message: deny, agent_message: deny }
    if (ask !== undefined) return { permission: 'ask', user_message: ask, agent_message: ask }
    return context !== undefined && WITH_CONTEXT.has(name) ? { additional_context: context } : undefined
  },
  hear: answer => ({
    context: textOf(answer, 'additional_context'),
    deny: answer['permission'] === 'deny' ? textOf(answer, 'agent_message', 'user_message') : undefined,
    block: answer['continue'] === false ? textOf(answer, 'user_message') : undefined,
  }),
  shell: shellIn,
  ending: endingInCursor,
  // Before any other tool, Cursor knows no question.
  asks: new Set(['beforeShellExecution']),
}

/** Before a command runs, Cursor sends it without a tool around it. */
function shellIn(payload: Payload): ShellCall | undefined {
  const tool = textOf(payload, 'tool_name')
  if (tool !== undefined)
    return tool === 'Shell' ? callIn(payload, { folder: ['working_directory'] }) : undefined
  const command = textOf(payload, 'command')
  return command === undefined ? undefined : { command, isBackground: false }
}

function endingInCursor(payload: Payload, event: EventName): Ending | undefined {
  if (payload['is_interrupt'] === true) return undefined
  const code = objectIn(textOf(payload, 'tool_output') ?? '')?.['exitCode']
  if (typeof code === 'number' && Number.isInteger(code)) return endingOf(code)
  return { outcome: event === 'PostToolUseFailure' ? 'failed' : 'ended' }
}
