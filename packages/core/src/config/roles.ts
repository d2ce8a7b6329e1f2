import type { RoleRules } from '../domain/role.ts'
import { readConfigs } from './file.ts'
import type { Environment } from './folders.ts'

/**
 * The roles that are known in a folder: those in the nearest config file that lists any.
 *
 * @throws PresenceError `invalid_config`
 */
export async function readRoles(cwd: string, env: Environment): Promise<RoleRules> {
  const { files } = readConfigs(cwd, env)
  const roles = files.find(({ config }) => config.roles !== undefined)?.config.roles
  const strict = files.find(({ config }) => config.strictIdentity !== undefined)?.config.strictIdentity
  return { ...(roles === undefined ? {} : { roles }), strictIdentity: strict ?? false }
}
