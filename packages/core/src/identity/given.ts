import type { Environment } from '../config/folders.ts'
import { safeState } from '../config/ownership.ts'
import { type AgentSession, sessionsIn } from './agent-session.ts'
import { ancestors } from './processes.ts'
import { AGENTS, hashes, idIn, MARKED, markIn, SESSION, variablesOf } from './variables.ts'

/** The id in `PRESENCE_SESSION_ID`, unless an agent above this command has that session. */
export function givenToShell(env: Environment): string | undefined {
  const state = safeState(env)
  return givenId(env, { agent: undefined, above: ancestors().flatMap(key => sessionsIn(state, key)) })
}

/** An agent that asks whether `PRESENCE_SESSION_ID` was set for it. */
export interface Asker {
  readonly agent: string | undefined
  /** The agent's own id of its session, if it has one. */
  readonly id?: string | undefined
  /** The recorded sessions of the agents above this one. */
  readonly above: readonly AgentSession[]
}

/**
 * The id in `PRESENCE_SESSION_ID`, if it is for this agent. It isn't if presence marked it for something else,
 * or if another agent was started with it before: then that agent has the session, and this one inherited the
 * variable from its shell.
 */
export function givenId(env: Environment, { agent, id, above }: Asker): string | undefined {
  const given = env[SESSION]
  if (!given || given === env[MARKED]) return undefined
  const mark = markIn(env)
  const known = new Set([...above.flatMap(({ seen }) => seen), ...(mark?.seen ?? [])])
  const own = hashes([SESSION], env)
  const isTaken = above.some(each => each.session === given || own.some(hash => each.seen.includes(hash)))
  if (isTaken) return undefined
  for (const each of [...above, ...(mark?.what === 'agent' ? [mark] : [])])
    for (const hash of hashes(variablesOf(each.agent ?? '', env), env)) known.add(hash)
  // An agent that was recorded nowhere was started after the id was set, as far as anything tells.
  const isBetween = AGENTS.some(each => {
    const names = variablesOf(each.agent, env)
    if (each.agent === agent && (id === undefined || (idIn(each.agent, env)?.id ?? id) === id)) return false
    return agent !== undefined && hashes(names, env).some(hash => !known.has(hash))
  })
  return isBetween ? undefined : given
}
