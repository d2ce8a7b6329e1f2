import type { WriteConfigOptions, WrittenConfig } from './config/write.ts'
import { requireNode } from './node-version.ts'

/**
 * Writes a board's DSN and kinds of label into the project's config file (`.presence/config.json` at the top
 * of the repository around `cwd`), or into the user's config file. Keeps other settings, and leaves the file
 * alone if nothing would change. The given DSN is trusted: see `untrusted` of the result.
 *
 * @throws {@link PresenceError} `invalid_dsn`; `invalid_config`, also for a password in a project's file;
 *   `not_writable`
 *
 * @example
 * ```ts
 * const { path, changed } = await writeConfig({ dsn: 'mysql://presence@dolt.internal/presence' })
 * console.log(changed ? `wrote ${path}` : `${path} is as it should be`)
 * ```
 */
export async function writeConfig(options: WriteConfigOptions): Promise<WrittenConfig> {
  requireNode()
  const { writeConfigFile } = await import('./config/write.ts')
  return writeConfigFile(options)
}
