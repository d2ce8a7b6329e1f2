import { statSync } from 'node:fs'
import { type ConfigFile, configFolder, parseDsn } from '@presence/core/internal'
import type { Context } from './context.ts'
import { type Finding, findingsOn, note, ok } from './finding.ts'

/** Lists the config files that apply here, and warns if one exposes a password. */
export function checkConfig({ configs, env }: Context): readonly Finding[] {
  return findingsOn('config', configs, ({ files, skipped }) => {
    const paths = files.map(({ path }) => path).join(', then ')
    const list = paths || 'no config file in this folder, in a folder above it, or in your own configuration'
    const user = configFolder(env)
    return [
      ...(files.length > 0 || skipped.length === 0 ? [ok('config', list)] : []),
      ...skipped.map(({ fault }) => note('config', fault.message, fault.remedy)),
      ...files.flatMap(file => judgePassword(file, file.base === user)),
    ]
  })
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
