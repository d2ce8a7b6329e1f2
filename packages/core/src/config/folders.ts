import { userInfo } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { PresenceError } from '../domain/fault.ts'

/** Environment variables, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Stands for the home of a user who has none. Nothing exists below it and nothing can be created there, so code
 * that does without its files if they can't be used needs no case of its own for such a user.
 */
const NO_HOME = '/dev/null/no-home'

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

/**
 * The user's home: HOME, or the home that the system has for this user if HOME is unset, empty or relative.
 * With a relative path, every working folder would have a board of its own. Undefined if there is neither, as in
 * a container that runs as a uid without a name.
 */
export function homeFolder(env: Environment): string | undefined {
  const given = env['HOME']
  if (given && isAbsolute(given)) return given
  try {
    // Unlike `os.homedir()`, this doesn't return HOME itself.
    const { homedir } = userInfo()
    return isAbsolute(homedir) ? homedir : undefined
  } catch {
    return undefined
  }
}

/** The user's home, for files that can be nowhere else. @throws PresenceError `invalid_config` if there is none */
export function requireHome(env: Environment): string {
  const home = homeFolder(env)
  if (home === undefined) throw noHome('set HOME')
  return home
}

/** True if a folder is one of a user without a home, so that it can't exist. */
export function isNowhere(folder: string): boolean {
  return folder.startsWith(NO_HOME)
}

/** @param remedy what to do, such as `set HOME` */
export function noHome(remedy: string): PresenceError {
  return new PresenceError('invalid_config', WITHOUT_HOME, remedy)
}

export const WITHOUT_HOME =
  'HOME is not set to an absolute path, and the system knows no home folder for this user'

/** The XDG specification says to ignore a relative path. */
function xdg(env: Environment, variable: string, fallback: string): string {
  const given = env[variable]
  const base = given && isAbsolute(given) ? given : join(homeFolder(env) ?? NO_HOME, fallback)
  return join(base, 'presence')
}
