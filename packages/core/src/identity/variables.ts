import type { Environment } from '../config/folders.ts'
import { fnv1a } from '../domain/fnv.ts'

/** The variables by which an agent's commands and servers know it. */
interface AgentVariables {
  readonly agent: string
  /** Variables that hold its session's id, in order of precedence. */
  readonly ids: readonly string[]
  /** A variable that only says that the agent is there. */
  readonly flag: string
}

export const AGENTS: readonly AgentVariables[] = [
  { agent: 'claude-code', ids: ['CLAUDE_SESSION_ID', 'CLAUDE_CODE_SESSION_ID'], flag: 'CLAUDECODE' },
  // Codex: subagents share the session's id, while the older thread id is different for each
  // (openai/codex#37848, #10096).
  { agent: 'codex', ids: ['CODEX_SESSION_ID', 'CODEX_THREAD_ID'], flag: 'CODEX_SANDBOX' },
  { agent: 'gemini-cli', ids: ['GEMINI_SESSION_ID'], flag: 'GEMINI_CLI' },
  { agent: 'cursor', ids: [], flag: 'CURSOR_AGENT' },
]

/** The session that somebody chose, or that a hook exports. */
export const SESSION = 'PRESENCE_SESSION_ID'
/** The same id, if presence itself exported it: an agent that is started with both ignores it. */
export const MARKED = 'PRESENCE_HOOK_SESSION_ID'
/** What the id is for. */
export const SESSION_FOR = 'PRESENCE_SESSION_FOR'

/** The agent's own variables, as far as they are set here. */
export function variablesOf(agent: string, env: Environment): readonly string[] {
  const known = AGENTS.find(each => each.agent === agent)
  return known ? [...known.ids, known.flag].filter(name => env[name]) : []
}

/** The first of an agent's ids in the environment. */
export function idIn(agent: string, env: Environment): { name: string; id: string } | undefined {
  const name = AGENTS.find(each => each.agent === agent)?.ids.find(each => env[each])
  return name === undefined ? undefined : { name, id: env[name] ?? '' }
}

/**
 * Every variable about a session in this environment, each as a hash of its name and value. Recorded for a
 * process, it tells later which of a command's variables were there before that process, and which were set
 * beneath it.
 */
export function seenIn(env: Environment): readonly string[] {
  const names = [SESSION, SESSION_FOR, ...AGENTS.flatMap(({ ids, flag }) => [...ids, flag])]
  return hashes(names, env)
}

/** The variables with these names, as {@link seenIn} has them. */
export function hashes(names: readonly string[], env: Environment): readonly string[] {
  return names.filter(name => env[name]).map(name => fnv1a(`${name}=${env[name]}`))
}

/** The value of `PRESENCE_SESSION_FOR`. */
export interface Mark {
  /**
   * `agent`: a hook exported the id for its agent's shell. `run`: `presence run` for its command. `session`:
   * `presence session start` for the agent that it launches.
   */
  readonly what: 'agent' | 'run' | 'session'
  /** The agent and its own id of its session. */
  readonly agent?: string
  readonly id?: string
  /** The variables that were there when the mark was set. */
  readonly seen: readonly string[]
}

/** The variables that name a session to the shell of one agent, and to no other agent. */
export function agentExports(
  { agent, id, session }: { readonly agent: string; readonly id: string; readonly session: string },
  env: Environment,
): readonly (readonly [name: string, value: string])[] {
  const mark = ['agent', agent, encodeURIComponent(id.toWellFormed()), seenText(env)].join(' ')
  return [
    [SESSION, session],
    [MARKED, session],
    [SESSION_FOR, mark],
  ]
}

/** The variables that name a session to the command of `presence run`, and to no agent. */
export function runExports(session: string, env: Environment): Environment {
  return { [SESSION]: session, [MARKED]: session, [SESSION_FOR]: markOf('run', env) }
}

/** The variables that name a session to the agent that is started with them. */
export function agentSessionExports(session: string, env: Environment): Environment {
  return { [SESSION]: session, [MARKED]: undefined, [SESSION_FOR]: markOf('session', env) }
}

/** With this process's id, so that no two marks are equal. */
function markOf(what: 'run' | 'session', env: Environment): string {
  return [what, process.pid, seenText(env)].join(' ')
}

function seenText(env: Environment): string {
  return seenIn(env).join(',') || '-'
}

/** Undefined if there is no mark, or if it is malformed. */
export function markIn(env: Environment): Mark | undefined {
  const [what, ...rest] = (env[SESSION_FOR] ?? '').split(' ')
  const seen = (rest.at(-1) ?? '').split(',')
  if (what === 'run' || what === 'session') return { what, seen }
  const [agent, id] = rest
  if (what !== 'agent' || rest.length !== 3 || !agent || !id) return undefined
  try {
    return { what, agent, id: decodeURIComponent(id), seen }
  } catch {
    return undefined
  }
}
