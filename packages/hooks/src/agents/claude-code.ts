import { callIn, type Ending, endingOf, partOf } from '../guard/tool-call.ts'
import { EVENTS, type EventName, type HookInput, type HookOutput } from '../hook.ts'
import { type Adapter, type Answered, type Payload, textOf } from './adapter.ts'

/** The events whose output may add to the context. */
const WITH_CONTEXT: ReadonlySet<EventName> = new Set([
  'SessionStart',
  'SubagentStart',
  'UserPromptSubmit',
  'PreToolUse',
  'PostToolUse',
  'PostToolUseFailure',
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
  shell: payload => (payload['tool_name'] === 'Bash' ? callIn(payload) : undefined),
  ending: endingInClaude,
  asks: new Set(['PreToolUse']),
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

export function writeClaude({ context, deny, ask, block }: HookOutput, event: EventName): object | undefined {
  if (block !== undefined && event === 'UserPromptSubmit') return { decision: 'block', reason: block }
  const reason = deny ?? ask
  if (event === 'PreToolUse' && reason !== undefined)
    return {
      hookSpecificOutput: {
        hookEventName: event,
        permissionDecision: deny === undefined ? 'ask' : 'deny',
        permissionDecisionReason: reason,
      },
    }
  if (context !== undefined && WITH_CONTEXT.has(event))
    return { hookSpecificOutput: { hookEventName: event, additionalContext: context } }
  if (deny === undefined) return undefined
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

/**
 * Success has no exit status of its own; a failure has it in its text (`Exit code 3`). A command in the background has
 * an id, and its end comes as a prompt.
 */
function endingInClaude(payload: Payload, event: EventName): Ending | undefined {
  if (event === 'PostToolUseFailure') {
    if (payload['is_interrupt'] === true) return undefined
    const code = /^Exit code (\d{1,3})\b/.exec(textOf(payload, 'error') ?? '')?.[1]
    return code === undefined ? { outcome: 'failed' } : endingOf(Number(code))
  }
  const response = partOf(payload, 'tool_response')
  if (textOf(response, 'backgroundTaskId') !== undefined) return { outcome: 'background' }
  return response['interrupted'] === true ? undefined : endingOf(0)
}
