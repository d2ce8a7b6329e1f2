import { type Stats, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathOf } from '../domain/agent-text.ts'
import { PresenceError } from '../domain/fault.ts'
import type { Config } from './config.ts'
import { codeAt, type FoundProject, findProject, isDenied, PROJECT_FILE } from './find-project.ts'
import { configFolder, type Environment } from './folders.ts'
import { readOpened } from './read-bounded.ts'
import { checkConfig } from './shape.ts'
import { othersDeciding } from './writers.ts'

export interface ConfigFile {
  readonly path: string
  /** The folder that relative paths start from: the project's folder, or the folder of the user's file. */
  readonly base: string
  readonly config: Config
  /**
   * The linked worktree that is meant, if it has no file of its own and this is the file of its main worktree.
   */
  readonly worktree?: string
  /** True for the user's own file, which needs no trust. */
  readonly own: boolean
  /** Why other users decide what a project's file says: see `othersDeciding`. */
  readonly others?: string
  /** What is wrong with a file of others. Its config is empty then. */
  readonly fault?: PresenceError
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
 * it (in a linked worktree without such a file: the one of its main worktree), then the user's own. A file that exists
 * but can't be read is an error, because without it claims would go to a different board than the team's. A file that
 * probably doesn't apply to this user is skipped and returned in `skipped`.
 *
 * @throws PresenceError `invalid_config`, naming the file and the problem
 */
export function readConfigs(cwd: string, env: Environment): Configs {
  const files: ConfigFile[] = []
  const { folder, worktree, others, closed, lost } = findProject(cwd)
  const skipped: SkippedConfig[] =
    closed === undefined ? [] : [{ base: closed, fault: closedAbove(cwd, closed) }]
  if (lost) skipped.push({ base: lost.worktree, fault: lostMain(lost) })
  if (folder !== undefined) {
    const file = projectFile(join(folder, PROJECT_FILE), folder)
    const more = {
      ...(worktree === undefined ? {} : { worktree }),
      ...(others === undefined ? {} : { others }),
    }
    if (file !== undefined) files.push({ ...file, ...more })
  }
  const user = configFolder(env)
  const path = join(user, 'config.json')
  try {
    const config = readConfigAt(path)
    if (config !== undefined) files.push({ path, base: user, config, own: true })
  } catch (error) {
    // Under another user's HOME (sudo without -H), that user's file doesn't apply and is skipped.
    if (!isDenied((error as PresenceError).cause) || isOwn(user)) throw error
    skipped.push({ base: user, fault: othersFile(path, error) })
  }
  return { files, skipped }
}

/** The config in a file; undefined if there is no file. */
export function readConfigAt(path: string): Config | undefined {
  const read = readIfThere(path)
  return read && parseConfig(read.text, path)
}

/** A larger file is no config. Somebody else may have put it there. */
const BYTES_MAX = 1 << 20

/**
 * A project's config file. If others decide what it says and they wrote nonsense, that is no fault of this
 * user's: it counts only where the file decides something.
 */
export function projectFile(path: string, base: string): ConfigFile | undefined {
  const read = readIfThere(path)
  if (read === undefined) return undefined
  const others = othersDeciding(path, base, read.stat)
  const file = { path, base, own: false, ...(others === undefined ? {} : { others }) }
  try {
    return { ...file, config: parseConfig(read.text, path) }
  } catch (error) {
    if (others === undefined) throw error
    return { ...file, config: {}, fault: error as PresenceError }
  }
}

function readIfThere(path: string): { readonly text: string; readonly stat: Stats } | undefined {
  try {
    return readOpened(path, BYTES_MAX)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const gone = code === 'ENOENT' || code === 'ENOTDIR'
    if (gone && codeAt(path) !== undefined) return undefined
    throw new PresenceError(
      'invalid_config',
      `${pathOf(path)} can't be read (${gone ? 'a link to nothing' : code})`,
      'make it readable, or move it away',
      { cause: error },
    )
  }
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
    `you can't look into ${pathOf(closed)}, so it is unknown whether it has a config file for ${pathOf(cwd)}`,
    'name the board yourself in PRESENCE_DSN',
  )
}

/** Doesn't show where the repository should be: whoever made the folder wrote that. */
function lostMain(main: FoundProject['lost'] & object): PresenceError {
  const worktree = pathOf(main.worktree)
  if ('unnamed' in main)
    return new PresenceError(
      'invalid_config',
      `the repository of ${worktree} does not name it as a linked worktree, so the config file of a main worktree is not used`,
      'if it was moved, run git worktree repair in it; or name the board in PRESENCE_DSN, or in a config file of this worktree',
    )
  return new PresenceError(
    'invalid_config',
    `the repository of ${worktree} is not where its .git says, so it is unknown whether its main worktree has a config file`,
    'name the board in PRESENCE_DSN, or in a config file of this worktree',
  )
}

function othersFile(path: string, cause: unknown): PresenceError {
  return new PresenceError(
    'invalid_config',
    `${pathOf(path)} is ignored: it is in another user's home, and you can't read it`,
    'set HOME to your own (sudo -H), or name the board yourself in PRESENCE_DSN',
    { cause },
  )
}

function parseConfig(text: string, path: string): Config {
  const checked = checkConfig(parseJson(text, path))
  if ('config' in checked) return checked.config
  throw new PresenceError(
    'invalid_config',
    `${pathOf(path)}: ${checked.problem}`,
    'its keys are dsn, guard, kinds, project, roles and strictIdentity: {"dsn": "mysql://presence@db.example/presence", "kinds": ["queue"], "project": "web-shop", "roles": {"pm": {"main": true}, "backend": {}}}',
  )
}

/** The parser's own error would quote the file, including a password in it. */
function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''))
  } catch {
    throw new PresenceError('invalid_config', `${pathOf(path)} is not JSON`, 'fix it, or move it away')
  }
}
