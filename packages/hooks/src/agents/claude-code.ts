import { EVENTS, type EventName, type HookInput, type HookOutput } from '../hook.ts'
import { type Adapter, type Payload, textOf } from './adapter.ts'

/** The events whose output may add to the context. */
const WITH_CONTEXT: ReadonlySet<EventName> = new Set(['SessionStart', 'UserPromptSubmit', 'PostToolUse'])

/** Claude Code's own payloads and answers (its hooks reference of August 2026). */
export const claudeCode: Adapter = {
  name: 'claude-code',
  eventOf: name => EVENTS.find(event => event === name),
  taskTools: new Set(['TaskCreate', 'TaskUpdate', 'TodoWrite']),
  commandsKnow: 'by-exports',
  read: readClaude,
  write: (output, event) => writeClaude(output, event),
}

export function readClaude(payload: Payload, event: EventName): HookInput {
  return {
    event,
    sessionId: textOf(payload, 'session_id') ?? '',
    cwd: textOf(payload, 'cwd') ?? '',
    because: textOf(payload, event === 'SessionStart' ? 'source' : 'reason'),
    toolName: textOf(payload, 'tool_name'),
  }
}

export function writeClaude({ context, deny, block }: HookOutput, event: EventName): object | undefined {
  if (block !== undefined && event === 'UserPromptSubmit') return { decision: 'block', reason: block }
  if (context !== undefined && WITH_CONTEXT.has(event))
    return { hookSpecificOutput: { hookEventName: event, additionalContext: context } }
  if (deny === undefined) return undefined
  if (event === 'PreToolUse')
    return {
      hookSpecificOutput: {
        hookEventName: event,
        permissionDecision: 'deny',
        permissionDecisionReason: deny,
      },
    }
  return event === 'PermissionRequest'
    ? { hookSpecificOutput: { hookEventName: event, decision: { behavior: 'deny', message: deny } } }
    : undefined
}
