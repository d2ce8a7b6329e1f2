import { type Environment, stateFolder } from '../config/folders.ts'
import type { Checked } from '../domain/refusal.ts'
import { sessionOfAgent } from './agent-process.ts'
import { type Identity, resolveIdentity } from './resolve.ts'

/**
 * Resolves the session of a server that an agent runs for itself. The server calls this for each request: its
 * environment is fixed at its start, and doesn't have the agent's later ids. The agent's current session is
 * in the file of the agent's process, which its hooks write. Ignores an id that another agent's hooks
 * exported to this agent's shell.
 */
export function resolveAgentServer(given: string | undefined, env: Environment): Checked<Identity> {
  const { PRESENCE_SESSION_ID: named, PRESENCE_HOOK_SESSION_ID: exported, ...rest } = env
  if (given !== undefined) return resolveIdentity(given, env)
  if (named && named !== exported) return resolveIdentity(undefined, { ...rest, PRESENCE_SESSION_ID: named })
  const ofProcess = sessionOfAgent(stateFolder(env))
  if (ofProcess === undefined) return resolveIdentity(undefined, rest)
  const known = resolveIdentity(ofProcess, rest)
  return known.ok
    ? { ...known, value: { ...known.value, from: "the agent's process" } }
    : resolveIdentity(undefined, rest)
}
