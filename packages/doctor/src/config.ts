import { statSync } from 'node:fs'
import { isFault } from '@presence/core'
import {
  type ConfigFile,
  configFolder,
  demandTrust,
  guardSettingsIn,
  parseDsn,
  trustedHosts,
} from '@presence/core/internal'
import type { Context } from './context.ts'
import { type Finding, findingsOn, note, ok } from './finding.ts'

/** Lists the config files that apply here, and warns if one exposes a password or isn't trusted. */
export function checkConfig(context: Context): readonly Finding[] {
  const { configs, env } = context
  const found = findingsOn('config', configs, ({ files, skipped }) => {
    const paths = files.map(pathOf).join(', then ')
    const list = paths || 'no config file in this folder, in a folder above it, or in your own configuration'
    const user = configFolder(env)
    return [
      ...(files.length > 0 || skipped.length === 0 ? [ok('config', list)] : []),
      ...skipped.map(({ fault }) => note('config', fault.message, fault.remedy)),
      ...files.flatMap(file => judgePassword(file, file.base === user)),
      ...files.flatMap(file => judgeTrust(file, context)),
    ]
  })
  return [...found, ...judgeGuard(context), ...judgeTrustedHosts(context)]
}

/** What a project's file says about the guard and doesn't count before this user trusts it. */
function judgeGuard({ env, configs }: Context): readonly Finding[] {
  if ('fault' in configs) return []
  return guardSettingsIn(configs.value.files, env).passedOver.map(({ message, remedy }) =>
    note('guard', message, remedy),
  )
}

/** If the file would name the board, `checkBoard` reports that it isn't trusted. */
function judgeTrust(file: ConfigFile, { env, place }: Context): readonly Finding[] {
  if ('fault' in place) return []
  try {
    demandTrust(file, env)
    return []
  } catch (error) {
    if (!isFault(error) || error.code !== 'untrusted') return []
    return [
      note(
        'config',
        `only the kinds, the project and stricter modes of the guard are read: ${error.message}`,
        error.remedy,
      ),
    ]
  }
}

/**
 * A mistake in `PRESENCE_TRUST` matters only where a project names a server, so it could stay unnoticed. There,
 * `checkBoard` reports it.
 */
function judgeTrustedHosts({ env, place }: Context): readonly Finding[] {
  if ('fault' in place) return []
  try {
    trustedHosts(env)
    return []
  } catch (error) {
    if (isFault(error)) return [note('trust', error.message, error.remedy)]
    throw error
  }
}

function pathOf({ path, worktree }: ConfigFile): string {
  return worktree === undefined
    ? path
    : `${path} (of the main worktree, because the linked worktree ${worktree} has no config file)`
}

function judgePassword({ path, config }: ConfigFile, own: boolean): readonly Finding[] {
  if (config.dsn === undefined || !hasPassword(config.dsn)) return []
  if (!own)
    return [
      note(
        'config',
        `${path} is shared with the project, and its DSN contains a password`,
        'set PRESENCE_DSN, or write it to your own file: presence init --user --dsn …',
      ),
    ]
  return (statSync(path).mode & 0o077) === 0
    ? []
    : [note('config', `${path} contains a password, and other users can read it`, `run: chmod 600 ${path}`)]
}

/** A DSN that can't be parsed is reported by the board's check. */
function hasPassword(text: string): boolean {
  try {
    const dsn = parseDsn(text)
    return 'password' in dsn && dsn.password !== ''
  } catch {
    return false
  }
}
