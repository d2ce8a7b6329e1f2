import type { Environment } from '../config/folders.ts'
import { safeState } from '../config/ownership.ts'
import { nearestIn } from './agent-session.ts'
import { ancestors, environmentOf } from './processes.ts'
import { MARKED, markIn } from './variables.ts'

/** Variables that agents set for the commands that they run, and that nobody sets for themselves. */
const VARIABLES: ReadonlySet<string> = new Set([
  'CLAUDECODE',
  'CLAUDE_CODE_ENTRYPOINT',
  'CLAUDE_CODE_SESSION_ID',
  'CLAUDE_PID',
  'CLAUDE_SESSION_ID',
  'CODEX_CI',
  'CODEX_SANDBOX',
  'CODEX_SANDBOX_NETWORK_DISABLED',
  'CODEX_SESSION_ID',
  'CODEX_THREAD_ID',
  'CODEX_TOOL_CALL_ID',
  'CURSOR_AGENT',
  'GEMINI_CLI',
  'GEMINI_SESSION_ID',
  'OPENCODE',
  MARKED,
])
/**
 * The sign that this process was started by a coding agent: a variable of an agent, in this environment or in
 * that of a process above, or an agent above that a hook recorded. Undefined without such a sign. An agent that
 * wants to hide can: this keeps one from being talked into something that only a person should do.
 */
export function agentAround(env: Environment): string | undefined {
  const own = signIn(env)
  if (own !== undefined) return own
  const above = ancestors()
  if (nearestIn(safeState(env), above)) return "an agent's process"
  return above.map(key => signIn(environmentOf(key))).find(sign => sign !== undefined)
}

/** `presence run` sets the hooks' variable too, for its command. */
function signIn(env: Environment): string | undefined {
  const names = Object.keys(env).filter(name => VARIABLES.has(name) && env[name])
  return names.find(name => name !== MARKED || markIn(env)?.what !== 'run')
}
