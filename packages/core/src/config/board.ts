import { join, resolve } from 'node:path'
import { KINDS } from '../domain/label.ts'
import { type Dsn, parseDsn } from './dsn.ts'
import { readConfigs } from './file.ts'
import { type Environment, stateFolder } from './folders.ts'

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
  const place = (dsn: string, from: string, base = cwd) => ({
    dsn: anchored(parseDsn(dsn), base),
    from,
    kinds,
  })
  if (given !== undefined) return place(given, '--dsn')
  const variable = env['PRESENCE_DSN']
  if (variable) return place(variable, 'PRESENCE_DSN')
  const file = files.find(({ config }) => config.dsn !== undefined)
  if (file?.config.dsn !== undefined) return place(file.config.dsn, file.path, file.base)
  return { dsn: parseDsn(`sqlite:${join(stateFolder(env), 'board.db')}`), from: 'embedded', kinds }
}

/** A relative file is meant from where it was written down. */
function anchored(dsn: Dsn, base: string): Dsn {
  return dsn.scheme === 'sqlite' ? { ...dsn, file: resolve(base, dsn.file) } : dsn
}
