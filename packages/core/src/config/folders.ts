import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/** Environment variables, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The user's state folder (XDG base directories), which holds the embedded board. */
export function stateFolder(env: Environment): string {
  return xdg(env, 'XDG_STATE_HOME', '.local/state')
}

/** The folder of the outboxes: one file per board. */
export function queueFolder(env: Environment): string {
  return join(stateFolder(env), 'queue')
}

/** The user's configuration folder. */
export function configFolder(env: Environment): string {
  return xdg(env, 'XDG_CONFIG_HOME', '.config')
}

/** The XDG specification says to ignore a relative path. */
function xdg(env: Environment, variable: string, fallback: string): string {
  const given = env[variable]
  const base = given && isAbsolute(given) ? given : join(env['HOME'] || homedir(), fallback)
  return join(base, 'presence')
}
