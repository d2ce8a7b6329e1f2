import { statSync } from 'node:fs'
import type { BoardPlace } from '../config/board.ts'
import { parseDsn } from '../config/dsn.ts'
import { type ConfigFile, type Configs, readConfigs } from '../config/file.ts'
import { configFolder, type Environment } from '../config/folders.ts'
import { brokenBy, type Finding, note, ok } from './finding.ts'

/** Lists the config files that apply here, and warns if one exposes a password. */
export async function checkConfig(cwd: string, env: Environment): Promise<readonly Finding[]> {
  let configs: Configs
  try {
    configs = await readConfigs(cwd, env)
  } catch (error) {
    return [brokenBy('config', error)]
  }
  const { files } = configs
  const skipped = configs.skipped.map(({ fault }) => note('config', fault.message, fault.remedy))
  if (files.length === 0 && skipped.length > 0) return skipped
  if (files.length === 0) return [ok('config', 'no config file here, above it, or of your own')]
  const paths = files.map(({ path }) => path).join(', then ')
  const user = configFolder(env)
  return [ok('config', paths), ...skipped, ...files.flatMap(file => judgePassword(file, file.base === user))]
}

/** Reports which setting named the board. */
export function sourceOf({ from }: BoardPlace): Finding {
  return ok('dsn', from === 'embedded' ? 'none is set: the embedded board' : `from ${from}`)
}

function judgePassword({ path, config }: ConfigFile, own: boolean): readonly Finding[] {
  if (config.dsn === undefined || !hasPassword(config.dsn)) return []
  if (!own)
    return [
      note(
        'config',
        `${path} is shared with the project, and its DSN holds a password`,
        'set PRESENCE_DSN, or write it to your own file: presence init --user --dsn …',
      ),
    ]
  return (statSync(path).mode & 0o077) === 0
    ? []
    : [note('config', `${path} holds a password and others can read it`, `run: chmod 600 ${path}`)]
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
