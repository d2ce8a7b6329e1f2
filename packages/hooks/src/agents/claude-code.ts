import { isObject } from '@presence/core/internal'
import { EVENTS, type EventName, type HookInput, type HookOutput } from '../hook.ts'
import { type Adapter, type Answered, type Payload, textOf } from './adapter.ts'

/** The events whose output may add to the context. */
const WITH_CONTEXT: ReadonlySet<EventName> = new Set([
  'SessionStart',
  'SubagentStart',
  'UserPromptSubmit',
  'PostToolUse',
])

/** Claude Code's own payloads and answers (its hooks reference of August 2026). */
export const claudeCode: Adapter = {
  name: 'claude-code',
  eventOf: name => EVENTS.find(event => event === name),
  taskTools: new Set(['TaskCreate', 'TaskUpdate', 'TodoWrite']),
  namesSession: false,
  read: readClaude,
  write: (output, event) => writeClaude(output, event),
  hear: hearClaude,
}

export function readClaude(payload: Payload, event: EventName): HookInput {
  return {
    event,
    sessionId: textOf(payload, 'session_id') ?? '',
    cwd: textOf(payload, 'cwd') ?? '',
    because: textOf(payload, event === 'SessionStart' ? 'source' : 'reason'),
    toolName: textOf(payload, 'tool_name'),
    subagent: textOf(payload, 'agent_id'),
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

export function hearClaude(answer: Payload): Answered {
  const said = partOf(answer, 'hookSpecificOutput')
  const decision = partOf(said, 'decision')
  return {
    context: textOf(said, 'additionalContext'),
    deny:
      (said['permissionDecision'] === 'deny' ? textOf(said, 'permissionDecisionReason') : undefined) ??
      (decision['behavior'] === 'deny' ? textOf(decision, 'message') : undefined),
    block: answer['decision'] === 'block' ? textOf(answer, 'reason') : undefined,
  }
}

function partOf(answer: Payload, name: string): Payload {
  const part = answer[name]
  return isObject(part) ? (part as Payload) : {}
}
