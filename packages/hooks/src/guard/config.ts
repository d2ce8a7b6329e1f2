import { join } from 'node:path'
import { configFolder, type GuardSettings, readConfigs } from '@presence/core/internal'

/** What counts if a file can't be used. */
export const NO_SETTINGS: Pick<GuardSettings, 'config' | 'stricter'> = { config: {}, stricter: {} }

/**
 * The files that decide about the guard in a folder. Some may not exist: once they do, the names have to be written
 * anew.
 */
export function filesOf(cwd: string, env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const user = configFolder(env)
  const possible = [join(cwd, '.presence/config.json'), join(user, 'config.json'), join(user, 'trusted')]
  try {
    return [...new Set([...readConfigs(cwd, env).files.map(({ path }) => path), ...possible])]
  } catch {
    return possible
  }
}
