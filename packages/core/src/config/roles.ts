import type { RoleRules } from '../domain/role.ts'
import { type ConfigFile, readConfigs } from './file.ts'
import type { Environment } from './folders.ts'
import { isUntrusted } from './trust.ts'

/**
 * The roles that are known in a folder: those in the nearest config file that lists any, and that this user
 * trusts if it needs trust.
 *
 * @throws PresenceError `invalid_config`
 */
export function knownRoles(cwd: string, env: Environment): RoleRules {
  const isUsed = (file: ConfigFile) =>
    (file.config.roles !== undefined || file.config.strictIdentity !== undefined) && !isUntrusted(file, env)
  const files = readConfigs(cwd, env).files.filter(isUsed)
  const roles = files.find(({ config }) => config.roles !== undefined)?.config.roles
  const strict = files.find(({ config }) => config.strictIdentity !== undefined)?.config.strictIdentity
  return { ...(roles === undefined ? {} : { roles }), strictIdentity: strict ?? false }
}

/** {@link knownRoles}, which fails as a promise does. */
export async function readRoles(cwd: string, env: Environment): Promise<RoleRules> {
  return knownRoles(cwd, env)
}
