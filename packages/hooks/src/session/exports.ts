import { type AgentSession, agentExports } from '@presence/core/internal'

type Environment = Readonly<Record<string, string | undefined>>

/** Variables and their values. */
export type Exports = readonly (readonly [name: string, value: string])[]

/**
 * The variables for the agent's later commands, and those of the tracker. Another agent that is started from
 * this agent's shell inherits them: the mark says whom they are for. A BD_ACTOR that was already set stays.
 */
export function exportsOf(session: AgentSession, env: Environment): Exports {
  return [...agentExports(session, env), ...(env['BD_ACTOR'] ? [] : [['BD_ACTOR', session.session] as const])]
}
