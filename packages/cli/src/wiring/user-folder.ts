import { isAbsolute, join, resolve } from 'node:path'
import type { Environment } from '@presence/core'
import { homeFolder, requireHome } from '@presence/core/internal'

/** An agent's variable that moves its own files, and the part of their paths that it stands for. */
const MOVED: Readonly<Record<string, { readonly variable: string; readonly instead: string }>> = {
  'claude-code': { variable: 'CLAUDE_CONFIG_DIR', instead: '.claude/' },
  codex: { variable: 'CODEX_HOME', instead: '.codex/' },
  // Gemini CLI makes a .gemini folder below it.
  'gemini-cli': { variable: 'GEMINI_CLI_HOME', instead: '' },
}

/**
 * Where an agent keeps a file of the user; undefined if the user has no home folder. An empty variable counts as
 * unset. A relative one starts at the folder in which the agent is started; here, at this one.
 *
 * @param path relative to the home folder, as it is without the variable
 */
export function userFile(agent: string, path: string, env: Environment, cwd: string): string | undefined {
  const moved = MOVED[agent]
  const folder = moved && env[moved.variable]
  if (folder) return join(resolve(cwd, folder), withoutStart(path, moved.instead))
  const home = homeFolder(env)
  return home === undefined ? undefined : join(home, path)
}

/** The same, for files that are written. @throws PresenceError `invalid_config` without a home folder */
export function requireUserFile(agent: string, path: string, env: Environment, cwd: string): string {
  return userFile(agent, path, env, cwd) ?? join(requireHome(env), path)
}

function withoutStart(path: string, start: string): string {
  return path.startsWith(start) ? path.slice(start.length) : path
}

/** What to know about the agent's variable, if it is set to a folder that depends on where the agent is started. */
export function relativeFolderNote(agent: string, env: Environment): string | undefined {
  const { variable = '' } = MOVED[agent] ?? {}
  const folder = env[variable]
  return folder && !isAbsolute(folder)
    ? `${variable} is a relative path (${folder}): ${agent} looks for it below the folder that it is started in`
    : undefined
}
