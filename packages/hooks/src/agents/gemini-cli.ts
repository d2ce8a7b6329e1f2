import type { EventName } from '../hook.ts'
import { type Adapter, textOf } from './adapter.ts'
import { hearClaude, readClaude } from './claude-code.ts'

const EVENTS: Readonly<Record<string, EventName>> = {
  SessionStart: 'SessionStart',
  BeforeAgent: 'UserPromptSubmit',
  BeforeTool: 'PreToolUse',
  AfterTool: 'PostToolUse',
  AfterAgent: 'Stop',
  SessionEnd: 'SessionEnd',
}

/**
 * Gemini CLI has other names for the events, and expects a refusal at the top level of the answer (its hooks
 * reference).
 */
export const geminiCli: Adapter = {
  name: 'gemini-cli',
  eventOf: name => (Object.hasOwn(EVENTS, name) ? EVENTS[name] : undefined),
  taskTools: new Set(['write_todos']),
  namesSession: false,
  read: (payload, event) => ({
    ...readClaude(payload, event),
    // Its documentation uses different names, depending on the version.
    because: textOf(payload, 'source', 'reason', 'trigger'),
  }),
  write: ({ context, deny, block }, event, name) => {
    const refused = deny ?? (event === 'UserPromptSubmit' ? block : undefined)
    if (refused !== undefined) return { decision: 'deny', reason: refused }
    return context === undefined
      ? undefined
      : { hookSpecificOutput: { hookEventName: name, additionalContext: context } }
  },
  hear: answer => {
    const refused = answer['decision'] === 'deny' ? textOf(answer, 'reason') : undefined
    return { context: hearClaude(answer).context, deny: refused, block: refused }
  },
}
