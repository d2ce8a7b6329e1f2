import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Environment } from '@presence/core'
import { WIRING_AGENTS, type WiringAgent } from '../wiring/agents.ts'
import { onPath } from '../wiring/on-path.ts'
import { userFile } from '../wiring/user-folder.ts'

/** An agent, and the program and folder by which it was found on this machine. */
export interface FoundAgent {
  readonly agent: WiringAgent
  /** Paths; none if the user named it and it isn't there yet. */
  readonly found: readonly string[]
}

/** The agents that are installed here, or those with these names. */
export function findAgents(names: readonly string[], env: Environment, cwd: string): readonly FoundAgent[] {
  return WIRING_AGENTS.map(agent => ({ agent, found: signsOf(agent, env, cwd) })).filter(
    ({ agent, found }) => (names.length === 0 ? found.length > 0 : names.includes(agent.name)),
  )
}

function signsOf(
  { name, programs, settings }: WiringAgent,
  env: Environment,
  cwd: string,
): readonly string[] {
  const program = programs.map(each => onPath(each, env)).find(Boolean)
  const folder = userFile(name, `${dirname(settings)}/`, env, cwd)
  return [program, folder && isFolder(folder) ? resolve(folder) : undefined].filter(
    each => each !== undefined,
  )
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}
