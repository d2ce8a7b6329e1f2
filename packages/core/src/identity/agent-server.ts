import { type Environment, stateFolder } from '../config/folders.ts'
import type { Checked } from '../domain/refusal.ts'
import { sessionOfAgent } from './agent-process.ts'
import { type Identity, resolveIdentity } from './resolve.ts'

/**
 * Who a server speaks as that an agent runs for itself, looked up anew for each call. It keeps the environment that it was
 * started with: the agent's later ids are not in it, and the session that the agent's hooks go on with stands in the file of
 * the agent's process. An id that the hooks of another agent exported to this one's shell is none of its own.
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
