import type { Environment } from '../config/folders.ts'
import { safeState } from '../config/ownership.ts'
import type { Checked } from '../domain/refusal.ts'
import { agentProcesses } from './agent-processes.ts'
import { type AgentSession, nearestIn } from './agent-session.ts'
import { BY_PROCESS, type Caller, isAmbiguous, recordOf, sessionOfProcess } from './caller.ts'
import { givenId } from './given.ts'
import { ancestors, isRunning, type ProcessKey } from './processes.ts'
import { type Identity, identityOf, resolveIdentity } from './resolve.ts'
import { AGENTS, idIn, SESSION } from './variables.ts'

/** What a server knows about the agent that calls it. */
export interface ServedAgent {
  /** The client's name, as it introduced itself. */
  readonly client?: string | undefined
  /** `_meta` of the request. */
  readonly meta?: Readonly<Record<string, unknown>> | undefined
}

/** The session of a server's agent. */
export interface ServedSession extends Identity {
  /** The agent's hooks run: they end the session. */
  readonly hasHooks: boolean
}

/**
 * Resolves the session of a server that an agent runs for itself. The server calls this for each request: its
 * environment is fixed at its start, and doesn't have the agent's later ids. The agent's current session is
 * in the record of the agent's process, which its hooks write. Agents further up don't count.
 */
export function resolveAgentServer(
  given: string | undefined,
  env: Environment,
  served: ServedAgent = {},
): Checked<ServedSession> {
  const found = given === undefined ? callerOf(env, served) : undefined
  const identity =
    given === undefined
      ? identityOf(found?.session, found?.from ?? 'terminal', found ? [found] : [], env)
      : resolveIdentity(given, env)
  return identity.ok
    ? { ok: true, value: { ...identity.value, hasHooks: found?.hasHooks ?? false } }
    : identity
}

const UNKNOWN = { session: undefined, from: 'terminal' } as const

interface Served extends Caller {
  readonly hasHooks?: boolean
}

function callerOf(env: Environment, served: ServedAgent): Served | undefined {
  const state = safeState(env)
  const agent = agentOfClient(served.client)
  const processes = agentProcesses(state, () => false)
  const all = nearestIn(state, processes)?.sessions ?? []
  const own = recordedFor(agent, all, served)
  const above = nearestIn(
    state,
    ancestors().filter(key => !processes.includes(key)),
  )
  const set = setBeside(env, agent, own, [...all, ...(above?.sessions ?? [])])
  if (set !== undefined) return { session: set, agent: own?.agent ?? agent ?? exporter(env), from: SESSION }
  if (own) return { ...own, from: BY_PROCESS, file: own.file ?? own.id, hasHooks: true }
  const caller = named(state, served)
  // Several conversations: which of them is calling is unknown, and variables can't tell.
  if (!caller && isAmbiguous(all)) return { ...UNKNOWN, agent: 'cursor' }
  return caller ?? exported(env, agent, state, processes) ?? byProcess(agent, processes)
}

/** The session that calls, of those that the agent's hooks recorded for its process. */
function recordedFor(
  agent: string | undefined,
  all: readonly AgentSession[],
  { meta }: ServedAgent,
): AgentSession | undefined {
  const sessions = all.filter(each => agent === undefined || each.agent === agent)
  const ids = Object.values(meta ?? {})
  const named = sessions.findLast(({ id }) => ids.includes(id))
  // A subagent of Codex has an id of its own, and no session of its own. Codex may have several sessions in one
  // process, and then it isn't known whose subagent it is.
  const isOfSeveral = sessions.length > 1 && meta?.['threadId'] !== undefined
  return named ?? (isAmbiguous(sessions) || isOfSeveral ? undefined : sessions.at(-1))
}

/** `PRESENCE_SESSION_ID`, if it was set for the agent, or for this server in the agent's settings. */
function setBeside(
  env: Environment,
  agent: string | undefined,
  own: AgentSession | undefined,
  recorded: readonly AgentSession[],
): string | undefined {
  return givenId(env, { agent: own?.agent ?? agent, above: recorded })
}

/** Codex names its session in each request. */
function named(state: string, { meta }: ServedAgent): Served | undefined {
  const id = meta?.['threadId']
  if (typeof id !== 'string' || id === '') return undefined
  const known = recordOf(state, 'codex', id)
  return {
    session: known?.session ?? id,
    agent: 'codex',
    file: known?.file ?? id,
    from: 'threadId',
    hasHooks: known !== undefined,
  }
}

/** An id that the agent exports to its servers, and not one that it inherited from another agent. */
function exported(
  env: Environment,
  agent: string | undefined,
  state: string,
  processes: readonly ProcessKey[],
): Served | undefined {
  for (const each of AGENTS) {
    const found = idIn(each.agent, env)
    if (!found || (agent !== undefined && each.agent !== agent)) continue
    const known = recordOf(state, each.agent, found.id)
    const isAnothers =
      known?.process !== undefined && !processes.includes(known.process) && isRunning(known.process)
    if (isAnothers && agent === undefined) continue
    return {
      session: known?.session ?? found.id,
      agent: each.agent,
      file: known?.file ?? found.id,
      from: found.name,
      hasHooks: known !== undefined,
    }
  }
  return undefined
}

/** The agent whose id is in the environment. */
function exporter(env: Environment): string | undefined {
  return AGENTS.find(({ agent }) => idIn(agent, env))?.agent
}

/** Gemini CLI in a folder that it doesn't trust runs no hooks. Its commands find the same id. */
function byProcess(agent: string | undefined, processes: readonly ProcessKey[]): Served | undefined {
  const process = processes.at(-1)
  if (agent !== 'gemini-cli' || process === undefined) return agent ? { ...UNKNOWN, agent } : undefined
  return { session: sessionOfProcess(agent, process), agent, from: BY_PROCESS }
}

/** Clients call themselves `claude-code`, `codex-mcp-client`, `gemini-cli-mcp-client-…`, `cursor-vscode`. */
function agentOfClient(client: string | undefined): string | undefined {
  const [word = ''] = /claude|codex|gemini|cursor/i.exec(client ?? '') ?? []
  return AGENTS.find(({ agent }) => word !== '' && agent.startsWith(word.toLowerCase()))?.agent
}
