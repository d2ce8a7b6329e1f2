import { lstatSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { PresenceError } from '../domain/fault.ts'
import type { Config } from './config.ts'
import { configFolder, type Environment } from './folders.ts'
import { checkConfig } from './shape.ts'

export interface ConfigFile {
  readonly path: string
  /** The folder that relative paths start from: the project's folder, or the folder of the user's file. */
  readonly base: string
  readonly config: Config
}

/** A folder that may contain a config file but couldn't be read, and was skipped. */
export interface SkippedConfig {
  /** The folder that the file would have applied to. */
  readonly base: string
  readonly fault: PresenceError
}

export interface Configs {
  readonly files: readonly ConfigFile[]
  readonly skipped: readonly SkippedConfig[]
}

/**
 * Reads the config files that apply in a folder, the nearest first: `.presence/config.json` in it or above
 * it, then the user's own. A file that exists but can't be read is an error, because without it claims would
 * go to a different board than the team's. A file that probably doesn't apply to this user is skipped and
 * returned in `skipped`.
 *
 * @throws PresenceError `invalid_config`, naming the file and the problem
 */
export function readConfigs(cwd: string, env: Environment): Configs {
  const files: ConfigFile[] = []
  const { folder, closed } = findProject(cwd)
  const skipped = closed === undefined ? [] : [{ base: closed, fault: closedAbove(cwd, closed) }]
  if (folder !== undefined) {
    const path = join(folder, PROJECT_FILE)
    const config = readConfigAt(path)
    if (config !== undefined) files.push({ path, base: folder, config })
  }
  const user = configFolder(env)
  const path = join(user, 'config.json')
  try {
    const config = readConfigAt(path)
    if (config !== undefined) files.push({ path, base: user, config })
  } catch (error) {
    // Under another user's HOME (sudo without -H), that user's file doesn't apply and is skipped.
    if (!isDenied((error as PresenceError).cause) || isOwn(user)) throw error
    skipped.push({ base: user, fault: othersFile(path, error) })
  }
  return { files, skipped }
}

/** The config in a file; undefined if there is no file. */
export function readConfigAt(path: string): Config | undefined {
  const text = readIfThere(path)
  return text === undefined ? undefined : parseConfig(text, path)
}

const PROJECT_FILE = '.presence/config.json'

/**
 * Finds the nearest folder, from this one upwards, that has a config file, readable or not. `closed` is the
 * outermost folder on the way that can't be read.
 */
function findProject(cwd: string): { folder: string | undefined; closed: string | undefined } {
  let closed: string | undefined
  for (let folder = cwd; ; folder = dirname(folder)) {
    const code = codeAt(join(folder, PROJECT_FILE))
    // Either the config's own folder is closed, or the folder above it.
    const isThere =
      code === undefined || (isDenied({ code }) && codeAt(join(folder, '.presence')) === undefined)
    if (isThere) return { folder, closed }
    if (isDenied({ code })) closed = folder
    if (dirname(folder) === folder) return { folder: undefined, closed }
  }
}

/**
 * The error code for a path that can't be looked at; undefined if the path exists, even as a dangling link.
 */
function codeAt(path: string): string | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ? undefined : 'ENOENT'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code
  }
}

function readIfThere(path: string): string | undefined {
  try {
    // Reading a pipe or /dev/zero would never end.
    if (!statSync(path).isFile()) throw Object.assign(new Error(), { code: 'not a file' })
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const gone = code === 'ENOENT' || code === 'ENOTDIR'
    if (gone && codeAt(path) !== undefined) return undefined
    throw new PresenceError(
      'invalid_config',
      `${path} can't be read (${gone ? 'a link to nothing' : code})`,
      'make it readable, or move it away',
      { cause: error },
    )
  }
}

function isDenied(error: unknown): boolean {
  const { code } = (error ?? {}) as NodeJS.ErrnoException
  return code === 'EACCES' || code === 'EPERM'
}

/** True if this user owns the folder or one of the two above it (`~/.config/presence`). */
function isOwn(folder: string): boolean {
  const uid = process.getuid?.()
  return [folder, dirname(folder), dirname(dirname(folder))].some(each => {
    try {
      return uid === undefined || statSync(each).uid === uid
    } catch {
      return false
    }
  })
}

function closedAbove(cwd: string, closed: string): PresenceError {
  return new PresenceError(
    'invalid_config',
    `you can't look into ${closed}, so it is unknown whether it has a config file for ${cwd}`,
    'name the board yourself: --dsn, or PRESENCE_DSN',
  )
}

function othersFile(path: string, cause: unknown): PresenceError {
  return new PresenceError(
    'invalid_config',
    `${path} is ignored: it is in another user's home, and you can't read it`,
    'set HOME to your own (sudo -H), or name the board yourself: --dsn, or PRESENCE_DSN',
    { cause },
  )
}

function parseConfig(text: string, path: string): Config {
  const checked = checkConfig(parseJson(text, path))
  if ('config' in checked) return checked.config
  throw new PresenceError(
    'invalid_config',
    `${path}: ${checked.problem}`,
    'its keys are dsn, kinds, project, roles and strictIdentity: {"dsn": "mysql://presence@db.example/presence", "kinds": ["queue"], "project": "web-shop", "roles": {"pm": {"main": true}, "backend": {}}}',
  )
}

/** The parser's own error would quote the file, including a password in it. */
function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''))
  } catch {
    throw new PresenceError('invalid_config', `${path} is not JSON`, 'fix it, or move it away')
  }
}
