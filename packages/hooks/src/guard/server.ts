import { isTrustedAddress } from '@presence/core/internal'

type Env = Readonly<Record<string, string | undefined>>

/**
 * The environment in which the guard's calls reach the server that answers the agent's other hooks. Anybody may have
 * written a project's settings, which name the address: undefined if this user doesn't trust it.
 *
 * @param url where the server answers this agent's hooks
 * @param cwd the folder that the agent works in
 */
export function throughServer(url: string, cwd: string, env: Env): Env | undefined {
  if (!isTrustedAddress(url, cwd, env)) return undefined
  return { ...env, PRESENCE_DSN: url.replace(/\/hooks\/[a-z-]+$/, '') }
}
