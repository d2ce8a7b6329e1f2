import { callIn } from '../guard/tool-call.ts'
import { EVENTS } from '../hook.ts'
import type { Adapter } from './adapter.ts'
import { hearClaude, readClaude, writeClaude } from './claude-code.ts'

/**
 * Codex uses Claude Code's form, but refuses an object with any field that it doesn't know. So the object
 * contains only the answer, and nothing is printed if there is none (openai/codex#45999).
 */
export const codex: Adapter = {
  name: 'codex',
  eventOf: name => EVENTS.find(event => event === name),
  taskTools: new Set(['update_plan']),
  namesSession: false,
  read: readClaude,
  write: (output, event) => writeClaude(output, event),
  hear: hearClaude,
  shell: payload => (payload['tool_name'] === 'Bash' ? callIn(payload, { folder: ['workdir'] }) : undefined),
  // It says nothing about the exit status, not even after a failure.
  ending: () => ({ outcome: 'ended' }),
  // `ask` runs the command.
  asks: new Set(),
}
