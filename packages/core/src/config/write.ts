import { existsSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { isFault, PresenceError } from '../domain/fault.ts'
import { KIND_SHAPE, KINDS } from '../domain/label.ts'
import { cutTo, oneLine } from '../domain/text.ts'
import { checkoutTop } from './checkout.ts'
import type { Config } from './config.ts'
import { FILE_PARAMETERS, parseDsn } from './dsn.ts'
import { projectFile, readConfigAt, readConfigs } from './file.ts'
import { configFolder, type Environment, isNowhere, noHome } from './folders.ts'
import { makeFolder } from './make-folder.ts'
import { demandInside } from './own-file.ts'
import { refuseOutside } from './password.ts'
import { replaceFile } from './replace-file.ts'
import { withoutPassword } from './shown-dsn.ts'
import { demandTrust, trust } from './trust.ts'

/** The options of {@link writeConfig}. */
export interface WriteConfigOptions {
  /**
   * The board's DSN. A relative file in it starts from `cwd`.
   * @default the file's DSN stays
   */
  readonly dsn?: string
  /**
   * Kinds of label to add to the file's: lower-case letters, digits and dashes, at most 32.
   * @default none
   */
  readonly kinds?: readonly string[]
  /**
   * Writes the user's own file instead of the project's.
   * @default false
   */
  readonly user?: boolean
  /**
   * Reports what would change and writes nothing.
   * @default false
   */
  readonly dryRun?: boolean
  /**
   * The environment variables to read.
   * @default `process.env`
   */
  readonly env?: Environment
  /**
   * The folder whose project the file belongs to.
   * @default `process.cwd()`
   */
  readonly cwd?: string
}

/** The result of writing a config file. */
export interface WrittenConfig {
  /** The file's path. */
  readonly path: string
  /** The file's text, with any password hidden. */
  readonly text: string
  /** False if the file already had this content. */
  readonly changed: boolean
  /**
   * The sources that take precedence over this file here: the path of a nearer file, or `PRESENCE_DSN` if
   * this file names a board.
   */
  readonly behind: readonly string[]
  /**
   * The main worktree's file that applied in this linked worktree until now, because it had no file of its own.
   * The written file replaces it here.
   * @default none
   */
  readonly replaces?: string
  /**
   * Why the project's file isn't used yet: its board needs this user's trust. A DSN that was given is trusted,
   * one that was in the file before is not.
   * @default none
   */
  readonly untrusted?: PresenceError
}

/**
 * Adds to a config file and keeps its other content.
 *
 * @throws PresenceError `invalid_dsn`; `invalid_config` for a bad kind, a DSN that a project's file may not hold, or
 *   a project's file that is a link out of the project; `not_writable`
 */
export async function writeConfigFile({
  dsn,
  kinds = [],
  user = false,
  dryRun = false,
  env = process.env,
  cwd = process.cwd(),
}: WriteConfigOptions): Promise<WrittenConfig> {
  const base = user ? configFolder(env) : (checkoutTop(cwd) ?? cwd)
  if (isNowhere(base)) throw noHome('set HOME or XDG_CONFIG_HOME')
  const path = join(base, user ? 'config.json' : '.presence/config.json')
  if (!user) demandInside(base, path)
  const old = readConfigAt(path) ?? {}
  const mains = user ? undefined : readConfigs(cwd, env).files.find(file => file.worktree !== undefined)
  const config = merged(old, { dsn: dsn === undefined ? undefined : dsnFor(dsn, user, cwd, base), kinds })
  const open = user && existsSync(path) && (statSync(path).mode & 0o077) !== 0
  const changed = open || JSON.stringify(config) !== JSON.stringify(old)
  if (changed && !dryRun) write(path, textOf(config), user)
  const shown = config.dsn === undefined ? config : { ...config, dsn: withoutPassword(config.dsn) }
  const before = readConfigs(cwd, env).files.filter(file =>
    user ? file.path !== path : file.base.startsWith(join(base, '/')),
  )
  const untrusted = user || dryRun ? undefined : untrustedIn(path, base, dsn !== undefined, env)
  return {
    path,
    text: textOf(shown),
    changed,
    behind: [
      ...(config.dsn !== undefined && env['PRESENCE_DSN'] ? ['PRESENCE_DSN'] : []),
      ...before.map(file => file.path),
    ],
    ...(mains === undefined ? {} : { replaces: mains.path }),
    ...(untrusted === undefined ? {} : { untrusted }),
  }
}

/** @param trusts whether this user named the board, and so trusts it */
function untrustedIn(
  path: string,
  base: string,
  trusts: boolean,
  env: Environment,
): PresenceError | undefined {
  try {
    const file = projectFile(path, base)
    if (file === undefined) return undefined
    if (trusts) trust(file, env)
    demandTrust(file, env)
    return undefined
  } catch (error) {
    if (isFault(error)) return error
    throw error
  }
}

function merged(
  old: Config,
  { dsn, kinds }: { readonly dsn: string | undefined; readonly kinds: readonly string[] },
): Config {
  for (const kind of kinds)
    if (!KIND_SHAPE.test(kind))
      throw new PresenceError(
        'invalid_config',
        `"${oneLine(cutTo(kind, 40))}" can't be a kind of label`,
        'a kind has at most 32 characters: lower-case letters, digits and dashes; it begins with a letter',
      )
  const all = [...new Set([...(old.kinds ?? []), ...kinds.filter(kind => !KINDS.includes(kind))])]
  return {
    ...old,
    ...(dsn === undefined ? {} : { dsn }),
    ...(all.length === (old.kinds ?? []).length ? {} : { kinds: all }),
  }
}

/**
 * The DSN to write: a relative path given from `cwd` is rewritten to start from the file's base.
 *
 * @throws PresenceError `invalid_dsn`; `invalid_config` if a project's file would hold a password, allow
 *   sending a token without TLS, or name a password or token file that would then be refused
 */
function dsnFor(text: string, user: boolean, cwd: string, base: string): string {
  const dsn = parseDsn(text)
  const rebased = (file: string) => {
    if (isAbsolute(file)) return file
    const path = resolve(cwd, file)
    return user ? path : relative(base, path) || '.'
  }
  if (dsn.scheme === 'sqlite') return isAbsolute(dsn.file) ? text : `sqlite:${rebased(dsn.file)}`
  if (!user && dsn.scheme === 'http' && dsn.insecure)
    throw new PresenceError(
      'invalid_config',
      "the DSN has insecure=true, and a project's file can't decide for others to send their tokens in the clear",
      'leave it out; to send your own token in the clear, set PRESENCE_DSN, or write it to your own config file',
    )
  if (!user && dsn.scheme === 'http' && dsn.tokenFile !== undefined)
    refuseOutside(resolve(cwd, dsn.tokenFile), base, 'token-file', 'PRESENCE_SERVER_TOKEN_FILE')
  if (!user && dsn.scheme === 'mysql') {
    if (dsn.password !== '')
      throw new PresenceError(
        'invalid_config',
        "the DSN contains a password, and a project's file is shared with everyone who has the project",
        'leave the password out and set PRESENCE_DSN, or write it to your own config file',
      )
    if (dsn.passwordFile !== undefined) refuseOutside(resolve(cwd, dsn.passwordFile), base)
  }
  return withFiles(text, rebased)
}

/** Changes the file parameters of a DSN and keeps the rest as written. */
function withFiles(text: string, change: (file: string) => string): string {
  const url = URL.parse(text)
  if (!url?.search) return text
  const parameters = url.search
    .slice(1)
    .split('&')
    .map(parameter => {
      const [[name = '', file = ''] = []] = new URLSearchParams(parameter)
      if (!FILE_PARAMETERS.includes(name) || isAbsolute(file)) return parameter
      return `${name}=${encodeURIComponent(change(file)).replaceAll('%2F', '/')}`
    })
  const search = `?${parameters.join('&')}`
  if (search === url.search) return text
  url.search = search
  return url.href
}

function textOf(config: Config): string {
  return `${JSON.stringify(config, null, 2)}\n`
}

function write(path: string, text: string, user: boolean): void {
  try {
    makeFolder(dirname(path), user ? 0o700 : 0o777)
    replaceFile(path, text, { flush: true, ...(user ? { mode: 0o600 } : {}) })
  } catch (error) {
    throw new PresenceError(
      'not_writable',
      `${path} can't be written (${(error as NodeJS.ErrnoException).code})`,
      'make its folder writable for you',
      { cause: error },
    )
  }
}
