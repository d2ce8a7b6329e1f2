import { join, resolve } from 'node:path'
import { KINDS } from '../domain/label.ts'
import { type Dsn, parseDsn } from './dsn.ts'
import { readConfigs } from './file.ts'
import { configFolder, type Environment, stateFolder } from './folders.ts'
import { withPassword } from './password.ts'

/** Which board, and what says so. */
export interface BoardPlace {
  readonly dsn: Dsn
  /** `--dsn`, `PRESENCE_DSN`, a config file's path, or `embedded`. */
  readonly from: string
  /** The kinds of label known there. */
  readonly kinds: readonly string[]
}

/**
 * Which board to use, first match: the DSN given, `PRESENCE_DSN`, the project's config file, the user's, else the
 * embedded board in the user's state folder.
 *
 * @throws PresenceError `invalid_dsn` or `invalid_config`
 */
export async function resolveBoard(
  given: string | undefined,
  env: Environment,
  cwd: string,
): Promise<BoardPlace> {
  const files = await readConfigs(cwd, env)
  const own = files.flatMap(({ config }) => config.kinds ?? [])
  const kinds = own.length === 0 ? KINDS : [...new Set([...KINDS, ...own])]
  const place = (text: string, from: string, base = cwd, project?: string) => {
    const dsn = anchored(parseDsn(text), base)
    return { dsn: dsn.scheme === 'mysql' ? withPassword(dsn, env, project) : dsn, from, kinds }
  }
  if (given !== undefined) return place(given, '--dsn')
  const variable = env['PRESENCE_DSN']
  if (variable) return place(variable, 'PRESENCE_DSN')
  const file = files.find(({ config }) => config.dsn !== undefined)
  if (file?.config.dsn !== undefined) {
    const project = file.base === configFolder(env) ? undefined : file.base
    return place(file.config.dsn, file.path, file.base, project)
  }
  return { dsn: parseDsn(`sqlite:${join(stateFolder(env), 'board.db')}`), from: 'embedded', kinds }
}

/** A relative file is meant from where it was written down. */
function anchored(dsn: Dsn, base: string): Dsn {
  if (dsn.scheme === 'sqlite') return { ...dsn, file: resolve(base, dsn.file) }
  const { passwordFile, tls } = dsn
  return {
    ...dsn,
    passwordFile: passwordFile && resolve(base, passwordFile),
    tls: tls?.caFile === undefined ? tls : { ...tls, caFile: resolve(base, tls.caFile) },
  }
}
