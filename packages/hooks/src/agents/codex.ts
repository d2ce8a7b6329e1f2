import { EVENTS } from '../hook.ts'
import type { Adapter } from './adapter.ts'
import { readClaude, writeClaude } from './claude-code.ts'

/**
 * Codex speaks Claude Code's shape, and refuses an object with any field that it doesn't know: so nothing but the answer is
 * ever in one, and nothing is printed where there is none (openai/codex#45999).
 */
export const codex: Adapter = {
  name: 'codex',
  eventOf: name => EVENTS.find(event => event === name),
  taskTools: new Set(['update_plan']),
  // It exports the id itself.
  commandsKnow: 'by-exports',
  read: readClaude,
  write: (output, event) => writeClaude(output, event),
}
