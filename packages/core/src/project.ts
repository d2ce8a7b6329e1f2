import { readConfigs } from './config/file.ts'
import type { Environment } from './config/folders.ts'
import { nearestProject } from './domain/project.ts'
import { placeOf } from './identity/place.ts'
import { requireNode } from './node-version.ts'

/**
 * Returns the key of the project in a folder: from a config file, or else derived from the repository's name.
 * Undefined if there is neither.
 *
 * @param cwd - the folder, `process.cwd()` by default
 * @param env - the environment variables to read, `process.env` by default
 * @throws {@link PresenceError} `invalid_config`
 *
 * @example
 * ```ts
 * const project = await projectOf()
 * const said = await board.status(project === undefined ? {} : { project })
 * if (said.ok) console.log(said.components)
 * ```
 */
export async function projectOf(
  cwd: string = process.cwd(),
  env: Environment = process.env,
): Promise<string | undefined> {
  requireNode()
  const { files } = readConfigs(cwd, env)
  const said = files.find(({ config }) => config.project !== undefined)?.config.project
  const repo = said === undefined ? placeOf(cwd).repo : undefined
  return said ?? (repo && projectOfRepo(repo))
}

/**
 * Derives a project's key from a repository's name. Undefined if the name has no character that a key may
 * have.
 */
export function projectOfRepo(repo: string): string | undefined {
  return nearestProject(repo.slice(repo.lastIndexOf('/') + 1))
}
