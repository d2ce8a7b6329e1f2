import { readConfigs } from './config/file.ts'
import type { Environment } from './config/folders.ts'
import { nearestProject } from './domain/project.ts'
import { placeOf } from './identity/place.ts'

/**
 * The key of the project in a folder: what a config file says, else the name of the repository as a key. Undefined where
 * there is neither.
 *
 * @throws PresenceError `invalid_config`
 */
export async function projectOf(
  cwd: string = process.cwd(),
  env: Environment = process.env,
): Promise<string | undefined> {
  const { files } = await readConfigs(cwd, env)
  const said = files.find(({ config }) => config.project !== undefined)?.config.project
  const repo = said === undefined ? placeOf(cwd).repo : undefined
  return said ?? (repo && projectOfRepo(repo))
}

/** A repository's name as a project's key; undefined where it has nothing that may stand in one. */
export function projectOfRepo(repo: string): string | undefined {
  return nearestProject(repo.slice(repo.lastIndexOf('/') + 1))
}
