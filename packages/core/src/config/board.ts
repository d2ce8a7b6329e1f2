import { join, resolve } from 'node:path'
import type { PresenceError } from '../domain/fault.ts'
import { KINDS } from '../domain/label.ts'
import { type Dsn, parseDsn } from './dsn.ts'
import { readConfigs, type SkippedConfig } from './file.ts'
import { configFolder, type Environment, stateFolder } from './folders.ts'
import { withPassword } from './password.ts'
import { withToken } from './token.ts'

/** Which board to use, and which setting named it. */
export interface BoardPlace {
  readonly dsn: Dsn
  /** `--dsn`, `PRESENCE_DSN`, a config file's path, or `embedded`. */
  readonly from: string
  /** The kinds of label that are valid on this board. */
  readonly kinds: readonly string[]
  /** Config files that were skipped although they might have named another board. */
  readonly skipped: readonly PresenceError[]
}

/**
 * Finds the board to use. The first match counts: the DSN given, `PRESENCE_DSN`, the project's config file,
 * the user's config file, the embedded board in the user's state folder.
 *
 * @throws PresenceError `invalid_dsn` or `invalid_config`
 */
export async function resolveBoard(
  given: string | undefined,
  env: Environment,
  cwd: string,
): Promise<BoardPlace> {
  const { files, skipped } = readConfigs(cwd, env)
  const own = files.flatMap(({ config }) => config.kinds ?? [])
  const kinds = own.length === 0 ? KINDS : [...new Set([...KINDS, ...own])]
  const place = (text: string, from: string, base = cwd, project?: string): BoardPlace => {
    const dsn = anchored(parseDsn(text), base)
    return { dsn: withSecret(dsn, env, project), from, kinds, skipped: [] }
  }
  if (given !== undefined) return place(given, '--dsn')
  const variable = env['PRESENCE_DSN']
  if (variable) return place(variable, 'PRESENCE_DSN')
  const file = files.find(({ config }) => config.dsn !== undefined)
  if (file?.config.dsn !== undefined) {
    const user = configFolder(env)
    const project = file.base === user ? undefined : file.base
    const before = skipped.filter(({ base }) => base !== user)
    return { ...place(file.config.dsn, file.path, file.base, project), skipped: before.map(faultOf) }
  }
  const dsn = parseDsn(`sqlite:${join(stateFolder(env), 'board.db')}`)
  return { dsn, from: 'embedded', kinds, skipped: skipped.map(faultOf) }
}

function withSecret(dsn: Dsn, env: Environment, project: string | undefined): Dsn {
  if (dsn.scheme === 'sqlite') return dsn
  return dsn.scheme === 'http' ? withToken(dsn, env, project) : withPassword(dsn, env, project)
}

function faultOf({ fault }: SkippedConfig): PresenceError {
  return fault
}

/** A relative file starts from the folder of the config file, or from the working folder. */
function anchored(dsn: Dsn, base: string): Dsn {
  if (dsn.scheme === 'sqlite') return { ...dsn, file: resolve(base, dsn.file) }
  if (dsn.scheme === 'http') {
    const { tokenFile, caFile } = dsn
    return {
      ...dsn,
      tokenFile: tokenFile && resolve(base, tokenFile),
      caFile: caFile && resolve(base, caFile),
    }
  }
  const { passwordFile, tls } = dsn
  return {
    ...dsn,
    passwordFile: passwordFile && resolve(base, passwordFile),
    tls: tls?.caFile === undefined ? tls : { ...tls, caFile: resolve(base, tls.caFile) },
  }
}
