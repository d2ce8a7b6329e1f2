import { pathOf } from '../domain/agent-text.ts'
import { isFault, PresenceError } from '../domain/fault.ts'
import { KINDS } from '../domain/label.ts'
import { anchored } from './anchored.ts'
import { type Dsn, parseDsn } from './dsn.ts'
import { embeddedBoard } from './embedded.ts'
import { type ConfigFile, readConfigs, type SkippedConfig } from './file.ts'
import { configFolder, type Environment } from './folders.ts'
import { withPassword } from './password.ts'
import { withToken } from './token.ts'
import { demandTrust } from './trust.ts'

/** Which board to use, and which setting named it. */
export interface BoardPlace {
  readonly dsn: Dsn
  /** `--dsn`, `PRESENCE_DSN`, a config file's path, or `embedded`. */
  readonly from: string
  /** The kinds of label that are valid on this board. */
  readonly kinds: readonly string[]
  /** What to fix, though no call fails: skipped config files, and others who can write to the embedded board. */
  readonly skipped: readonly PresenceError[]
}

/**
 * Finds the board to use. The first match counts: the DSN given, `PRESENCE_DSN`, the project's config file,
 * the user's config file, the embedded board in the user's state folder. A project's file that this user must
 * trust first is never passed over for another board.
 *
 * @throws PresenceError `untrusted`, `invalid_dsn`, or `invalid_config`, also if the embedded board is meant and this
 *   user has no home folder
 */
export async function resolveBoard(
  given: string | undefined,
  env: Environment,
  cwd: string,
): Promise<BoardPlace> {
  const { files, skipped } = readConfigs(cwd, env)
  const kinds = kindsIn(files)
  const place = (text: string, from: string, base = cwd, project?: string): BoardPlace => {
    const dsn = anchored(parseDsn(text), base)
    return { dsn: withSecret(dsn, env, project), from, kinds, skipped: [] }
  }
  if (given !== undefined) return place(given, '--dsn')
  const variable = env['PRESENCE_DSN']
  if (variable) return place(variable, 'PRESENCE_DSN')
  for (const each of files) demandTrust(each, env)
  for (const { fault } of files) if (fault) throw fault
  const file = files.find(({ config }) => config.dsn !== undefined)
  if (file?.config.dsn !== undefined) {
    const project = file.own ? undefined : file.base
    const { dsn } = file.config
    const board = namingFile(file.path, () => place(dsn, file.path, file.base, project))
    const before = skipped.filter(({ base }) => base !== configFolder(env))
    return { ...board, skipped: before.map(faultOf) }
  }
  const { path, troubles } = embeddedBoard(env)
  const dsn: Dsn = { scheme: 'sqlite', file: path, isPrivate: troubles.length === 0, shown: path }
  return { dsn, from: 'embedded', kinds, skipped: [...skipped.map(faultOf), ...troubles] }
}

/** The kinds of label that are valid in a folder, whichever board it uses. */
export function knownKinds(cwd: string, env: Environment): readonly string[] {
  return kindsIn(readConfigs(cwd, env).files)
}

function kindsIn(files: readonly ConfigFile[]): readonly string[] {
  const own = files.flatMap(({ config }) => config.kinds ?? [])
  return own.length === 0 ? KINDS : [...new Set([...KINDS, ...own])]
}

function withSecret(dsn: Dsn, env: Environment, project: string | undefined): Dsn {
  if (dsn.scheme === 'sqlite') return dsn
  return dsn.scheme === 'http' ? withToken(dsn, env, project) : withPassword(dsn, env, project)
}

/** Several files may hold a DSN, so a fault of one says which it is. */
function namingFile<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!isFault(error)) throw error
    const { code, message, remedy } = error
    throw new PresenceError(code, `${pathOf(path)}: ${message}`, remedy, { cause: error })
  }
}

function faultOf({ fault }: SkippedConfig): PresenceError {
  return fault
}
