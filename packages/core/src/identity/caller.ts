import { hostname } from 'node:os'
import type { Environment } from '../config/folders.ts'
import { safeState } from '../config/ownership.ts'
import { fnv1a } from '../domain/fnv.ts'
import { type AgentSession, agentSessionOf, nearestIn } from './agent-session.ts'
import { ancestors, isRunning, type ProcessKey, setterOf } from './processes.ts'
import { bootId } from './terminal.ts'
import { AGENTS, hashes, idIn, MARKED, markIn, SESSION, SESSION_FOR, variablesOf } from './variables.ts'

/** The session in which a command was started, and the agent that started it. */
export interface Caller {
  /** Undefined if the agent is known, and its session is not. */
  readonly session: string | undefined
  readonly agent: string | undefined
  /** A variable's name, or `the agent's process`. */
  readonly from: string
  /** The name of the files that the agent's hooks keep. */
  readonly file?: string | undefined
}

/** One answer to the question who started this command. Several are there if one agent started another. */
interface Candidate extends Caller {
  /** The variables that show it, as hashes. */
  readonly shownBy: readonly string[]
  /** The variables that were there before it; undefined if that is unknown. */
  readonly seen: ReadonlySet<string> | undefined
}

export const BY_PROCESS = "the agent's process"

/**
 * Finds the session in which a command was started: that of the nearest agent above it, or one that was named
 * beneath that agent. Variables of agents further up are inherited too, so each variable counts only if it was
 * set after the nearest recorded agent had started.
 *
 * @returns what was found, the nearest first
 */
export function callersIn(env: Environment): readonly Caller[] {
  const state = safeState(env)
  const recorded = nearestIn(state, ancestors())
  const nearest = recorded && ofProcess(recorded.sessions, env)
  const all = [
    ...named(env, nearest?.session),
    ...(nearest ? [nearest.candidate] : []),
    ...exported(env, state, recorded?.key, nearest?.session),
    ...flagged(env),
  ]
  const left = all.filter(one => !all.some(other => other !== one && isBeneath(other, one)))
  const nearestFirst = byDistance(left, env)
  return [...nearestFirst, ...all.filter(one => !left.includes(one))]
}

/** True if one was started beneath the other, as far as the variables tell. */
function isBeneath(one: Candidate, other: Candidate): boolean {
  if (other.seen && one.shownBy.length > 0) return !one.shownBy.some(hash => other.seen?.has(hash))
  if (one.seen && other.shownBy.length > 0) return other.shownBy.some(hash => one.seen?.has(hash))
  return false
}

/** The session in `PRESENCE_SESSION_ID`, with what its mark says about it. */
function named(env: Environment, nearest: AgentSession | undefined): readonly Candidate[] {
  const session = env[SESSION]
  if (!session) return []
  const common = { session, from: SESSION }
  const shownBy = hashes([SESSION], env)
  // A command that is started with it speaks as that session, whatever agent is between.
  if (session !== env[MARKED]) return [{ ...common, agent: undefined, shownBy, seen: undefined }]
  const mark = markIn(env)
  const seen = new Set([...(mark?.seen ?? []), ...shownBy])
  if (mark?.what === 'run')
    return [{ ...common, agent: undefined, shownBy: hashes([SESSION_FOR], env), seen }]
  if (mark?.what !== 'agent') return [{ ...common, agent: 'claude-code', shownBy, seen: undefined }]
  const { agent = '', id = '' } = mark
  if (nearest && isOf(nearest, agent, id)) return []
  // The agent's own variables are there in its shell, and were not all there in its hook.
  for (const hash of ownHashes(agent, id, env)) seen.add(hash)
  return [{ ...common, agent, file: id, shownBy: hashes([SESSION_FOR], env), seen }]
}

/** True if a session has, or had before `/clear`, this id of the agent. */
function isOf(session: AgentSession, agent: string, id: string): boolean {
  return session.agent === agent && (session.id === id || (session.before ?? []).includes(id))
}

/** An agent's variables, unless they name another session of that agent. */
function ownHashes(agent: string, id: string, env: Environment): readonly string[] {
  const found = idIn(agent, env)
  return found === undefined || found.id === id ? hashes(variablesOf(agent, env), env) : []
}

/** The session of the nearest process that an agent's hooks recorded. */
function ofProcess(
  sessions: readonly AgentSession[],
  env: Environment,
): { readonly session: AgentSession | undefined; readonly candidate: Candidate } {
  const mark = markIn(env)
  const isShown = (each: AgentSession) =>
    isOf(each, each.agent, idIn(each.agent, env)?.id ?? '') ||
    (mark?.what === 'agent' && isOf(each, mark.agent ?? '', mark.id ?? ''))
  // The agents that export nothing: the process is all that shows them.
  const silent = sessions.filter(({ agent }) => idIn(agent, env) === undefined)
  const latest = sessions.findLast(isShown) ?? silent.at(-1) ?? sessions.at(-1)
  const session = latest && isAmbiguous(sessions) && !isShown(latest) ? undefined : latest
  const agent = latest?.agent ?? ''
  return {
    session,
    candidate: {
      session: session?.session,
      agent,
      file: session && (session.file ?? session.id),
      from: BY_PROCESS,
      shownBy: latest ? ownHashes(agent, latest.id, env) : [],
      seen: new Set([...(latest?.seen ?? []), ...(latest ? ownHashes(agent, latest.id, env) : [])]),
    },
  }
}

/** Cursor has many conversations in one process. A process of any other agent has one session at a time. */
export function isAmbiguous(sessions: readonly AgentSession[]): boolean {
  return sessions.filter(({ agent }) => agent === 'cursor').length > 1
}

/** The sessions whose ids agents export. */
function exported(
  env: Environment,
  state: string,
  process: ProcessKey | undefined,
  nearest: AgentSession | undefined,
): readonly Candidate[] {
  return AGENTS.flatMap(({ agent }) => {
    const found = idIn(agent, env)
    if (!found || (nearest && isOf(nearest, agent, found.id))) return []
    const known = recordOf(state, agent, found.id)
    // No recorded agent is nearer than the nearest one.
    if (known?.process && process && isRunning(known.process)) return []
    return [
      {
        session: known?.session ?? found.id,
        agent,
        file: known?.file ?? found.id,
        from: found.name,
        shownBy: hashes([found.name], env),
        seen: known && new Set([...known.seen, ...hashes(variablesOf(agent, env), env)]),
      },
    ]
  })
}

/** What the hooks recorded for an agent's own id. */
export function recordOf(state: string, agent: string, id: string): AgentSession | undefined {
  return [id, `${agent}+${id}`].map(file => agentSessionOf(state, file)).find(each => each?.agent === agent)
}

/** Agents that only say that they are there. A session of Gemini CLI is known by its process. */
function flagged(env: Environment): readonly Candidate[] {
  return AGENTS.filter(({ agent, flag }) => env[flag] && !idIn(agent, env)).map(({ agent, flag }) => {
    const process = agent === 'gemini-cli' ? setterOf(flag, env[flag] ?? '') : undefined
    const session = process && sessionOfProcess(agent, process)
    return { session, agent, from: BY_PROCESS, shownBy: hashes([flag], env), seen: undefined }
  })
}

/** The id of an agent whose hooks don't run: the same for all of its commands and servers. */
export function sessionOfProcess(agent: string, process: ProcessKey): string {
  const host = hostname().split('.')[0]?.slice(0, 60) || 'localhost'
  return `${agent}@${host}@${fnv1a(`${hostname()} ${bootId()} ${process}`)}`
}

/** Of agents whose order no hook recorded, the nearest is the one that set its variable last. */
function byDistance(callers: readonly Candidate[], env: Environment): readonly Candidate[] {
  if (callers.length < 2 || callers[0]?.from === SESSION) return callers
  const above = ancestors()
  const distance = ({ agent = '' }: Candidate) => {
    const [name] = variablesOf(agent, env)
    const key = name === undefined ? undefined : setterOf(name, env[name] ?? '')
    return key === undefined ? above.length : above.indexOf(key)
  }
  return callers.toSorted((one, other) => distance(one) - distance(other))
}
