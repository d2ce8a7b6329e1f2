import { callIn, type Ending, endingOf, partOf } from '../guard/tool-call.ts'
import type { EventName } from '../hook.ts'
import { type Adapter, type Payload, textOf } from './adapter.ts'
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
    // Before a tool, the text never reaches the model.
    return context === undefined || event === 'PreToolUse'
      ? undefined
      : { hookSpecificOutput: { hookEventName: name, additionalContext: context } }
  },
  hear: answer => {
    const refused = answer['decision'] === 'deny' ? textOf(answer, 'reason') : undefined
    return { context: hearClaude(answer).context, deny: refused, block: refused }
  },
  shell: payload =>
    payload['tool_name'] === 'run_shell_command'
      ? callIn(payload, { folder: ['dir_path', 'directory'], background: 'is_background' })
      : undefined,
  ending: endingInGemini,
  // Without a terminal, `ask` hangs.
  asks: new Set(),
}

/** The exit status is only in the text for the model, after the output, and only if it isn't 0. */
function endingInGemini(payload: Payload): Ending {
  if (partOf(payload, 'tool_input')['is_background'] === true) return { outcome: 'background' }
  const said = partOf(payload, 'tool_response')['llmContent']
  const text = typeof said === 'string' ? said : ''
  if (/^Command moved to background/.test(text)) return { outcome: 'background' }
  const code = [...text.matchAll(/^Exit Code: (-?\d{1,3})$/gm)].at(-1)?.[1]
  return code === undefined ? { outcome: 'ended' } : endingOf(Number(code))
}
