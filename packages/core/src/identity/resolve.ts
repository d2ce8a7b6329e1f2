import { hostname, userInfo } from 'node:os'
import { type Environment, stateFolder } from '../config/folders.ts'
import { AGENT_LENGTH_MAX, HOST_LENGTH_MAX, USER_LENGTH_MAX } from '../domain/limits.ts'
import { accept, type Checked } from '../domain/refusal.ts'
import { parseSessionId, type Session } from '../domain/session.ts'
import { cutTo } from '../domain/text.ts'
import { sessionOfAgent } from './agent-process.ts'
import { terminalId } from './terminal.ts'

/** The calling session, and the rule that determined it. */
export interface Identity {
  readonly session: Session
  /** `--session`, a variable's name, `the agent's process`, or `terminal`. */
  readonly from: string
}

/** Variables that hold a session's id, in order of precedence, each with the agent that exports it. */
const VARIABLES: readonly (readonly [variable: string, agent: string | undefined])[] = [
  ['PRESENCE_SESSION_ID', undefined],
  ['CLAUDE_SESSION_ID', 'claude-code'],
  ['CLAUDE_CODE_SESSION_ID', 'claude-code'],
  // Codex: subagents share the session's id, while the older thread id is different for each
  // (openai/codex#37848, #10096).
  ['CODEX_SESSION_ID', 'codex'],
  ['CODEX_THREAD_ID', 'codex'],
  ['GEMINI_SESSION_ID', 'gemini-cli'],
]

/**
 * Determines the calling session. The first match counts: the id given, `PRESENCE_SESSION_ID`, the id that
 * the agent exports, the id that the start hook stored for the agent's process, an id made for this terminal.
 * Refused with `invalid_session` if the id is malformed; the message names where it came from.
 */
export function resolveIdentity(given: string | undefined, env: Environment): Checked<Identity> {
  const user = cutTo(userName(), USER_LENGTH_MAX)
  const host = cutTo(hostname().split('.')[0] || 'localhost', HOST_LENGTH_MAX)
  const agent = cutTo(env['PRESENCE_AGENT'] || agentOf(env), AGENT_LENGTH_MAX)
  const found = foundId(given, env)
  if (found === undefined) {
    const ofAgent = sessionOfAgent(stateFolder(env))
    const checked = ofAgent === undefined ? undefined : parseSessionId(ofAgent, "the agent's session")
    if (checked?.ok)
      return accept({ session: { id: checked.value, user, host, agent }, from: "the agent's process" })
    const id = `${cutTo(user, 50)}@${cutTo(host, 60)}@${terminalId()}`
    return accept({ session: { id, user, host, agent }, from: 'terminal' })
  }
  const id = parseSessionId(found.id, found.from)
  return id.ok ? accept({ session: { id: id.value, user, host, agent }, from: found.from }) : id
}

function foundId(given: string | undefined, env: Environment): { id: string; from: string } | undefined {
  if (given !== undefined) return { id: given, from: '--session' }
  for (const [variable] of VARIABLES) {
    const id = env[variable]
    if (id) return { id, from: variable }
  }
  return undefined
}

function agentOf(env: Environment): string {
  return VARIABLES.find(([variable, agent]) => agent && env[variable])?.[1] ?? 'cli'
}

/** A container may run as a uid without a name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid${process.getuid?.() ?? ''}`
  }
}
