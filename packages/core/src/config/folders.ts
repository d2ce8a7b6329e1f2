import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

export type Environment = Readonly<Record<string, string | undefined>>

/** The user's folder for state (XDG base directories): the embedded board is in it. */
export function stateFolder(env: Environment): string {
  return xdg(env, 'XDG_STATE_HOME', '.local/state')
}

/** Where what could not be delivered waits: a file a board. */
export function queueFolder(env: Environment): string {
  return join(stateFolder(env), 'queue')
}

/** The user's folder for configuration. */
export function configFolder(env: Environment): string {
  return xdg(env, 'XDG_CONFIG_HOME', '.config')
}

/** The XDG specification has a relative path ignored. */
function xdg(env: Environment, variable: string, fallback: string): string {
  const given = env[variable]
  const base = given && isAbsolute(given) ? given : join(env['HOME'] || homedir(), fallback)
  return join(base, 'presence')
}
