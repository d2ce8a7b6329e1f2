import type { Environment } from '@presence/core'
import { agentNotes } from '../wiring/agent-trust.ts'
import type { WiringAgent } from '../wiring/agents.ts'
import { isWrittenServer, MCP_AGENTS, serverIn } from '../wiring/mcp.ts'
import { missingForHooks, missingForMcp } from '../wiring/missing.ts'
import { userFile } from '../wiring/user-folder.ts'
import { bytesOf } from '../wiring/wire.ts'
import type { AgentPlan } from './plan.ts'

/** What only a person can do for an agent that was set up, apart from the trust that doctor finds missing. */
export async function leftFor(
  { agent, notes, server, mcp }: AgentPlan,
  user: boolean,
  env: Environment,
  cwd: string,
): Promise<readonly string[]> {
  // Doctor says which trust Codex needs, and nobody can do anything about what Cursor doesn't tell.
  const { besidesWiring: _said, ...quiet } = agent
  const besides = agent.name === 'claude-code' && !user ? mcp?.besides : undefined
  return [
    ...notes,
    ...missingForHooks(quiet, { user, server }, env),
    ...(mcp ? missingForMcp(besides, env) : []),
    ...(user ? await agentNotes(agent.name, user, env, cwd) : []),
    ...(mcp ? [] : byHand(agent, env, cwd, false)),
  ]
}

/** The MCP server that only the agent's own command can add, or remove. */
export function byHand(
  { name }: WiringAgent,
  env: Environment,
  cwd: string,
  remove: boolean,
): readonly string[] {
  const { byHand: add, byHandRemoved, byHandFile } = MCP_AGENTS.find(each => each.name === name) ?? {}
  const file = byHandFile && userFile(name, byHandFile, env, cwd)
  if (add === undefined || file === undefined || isThere(file) !== remove) return []
  return [
    `${name} keeps your own MCP servers in a file that it writes itself: run: ${remove ? byHandRemoved : add}`,
  ]
}

function isThere(file: string): boolean {
  try {
    return isWrittenServer(serverIn(file))
  } catch {
    return false
  }
}

/** Whether a file mentions presence at all, however broken it is. */
export function mentionsPresence(path: string): boolean {
  try {
    return bytesOf(path)?.includes('presence') ?? false
  } catch {
    return false
  }
}
