import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { PresenceError } from '../domain/fault.ts'
import { configFolder, type Environment } from './folders.ts'

/** What a config file may say. */
export interface Config {
  /** Where the board is. */
  readonly dsn?: string
  /** Kinds of label that this project knows besides the built-in ones. */
  readonly kinds?: readonly string[]
}

export interface ConfigFile {
  readonly path: string
  /** The folder that a relative path in it starts from: the project's, or the user's file's own. */
  readonly base: string
  readonly config: Config
}

/**
 * The config files that apply in a folder, the nearest first: `.presence/config.json` in it or above it, then the
 * user's own.
 *
 * @throws PresenceError `invalid_config`, naming the file and what is wrong in it
 */
export async function readConfigs(cwd: string, env: Environment): Promise<readonly ConfigFile[]> {
  const user = configFolder(env)
  const project = projectFolder(cwd)
  const places = [
    ...(project === undefined ? [] : [{ path: join(project, PROJECT_FILE), base: project }]),
    { path: join(user, 'config.json'), base: user },
  ]
  const found: ConfigFile[] = []
  for (const { path, base } of places) {
    // Under somebody else's HOME (sudo without -H) the user's file is nobody's business.
    const config = await readConfigAt(path, base === user)
    if (config !== undefined) found.push({ path, base, config })
  }
  return found
}

/** The config in a file; undefined where there is none, or where one that may not be read is forgiven. */
export async function readConfigAt(path: string, forgiving = false): Promise<Config | undefined> {
  const text = readIfThere(path, forgiving)
  return text === undefined ? undefined : parseConfig(text, path)
}

const PROJECT_FILE = '.presence/config.json'

/** The folder itself, or the nearest above it, that has a config file. */
function projectFolder(cwd: string): string | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (existsSync(join(folder, PROJECT_FILE))) return folder
    if (dirname(folder) === folder) return undefined
  }
}

function readIfThere(path: string, forgiving: boolean): string | undefined {
  try {
    // A pipe would be read for ever.
    if (!statSync(path).isFile()) throw Object.assign(new Error(), { code: 'not a file' })
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR' || forgiving) return undefined
    throw new PresenceError(
      'invalid_config',
      `${path} can not be read (${code})`,
      'make it readable, or move it away',
      {
        cause: error,
      },
    )
  }
}

/** The validator is loaded only here: a machine with nothing set up has no file to validate. */
async function parseConfig(text: string, path: string): Promise<Config> {
  const { checkConfig } = await import('./shape.ts')
  const checked = checkConfig(parseJson(text, path))
  if ('config' in checked) return checked.config
  throw new PresenceError(
    'invalid_config',
    `${path}: ${checked.problem}`,
    'its keys are dsn and kinds: {"dsn": "mysql://presence@db.example/presence", "kinds": ["queue"]}',
  )
}

/** The parser's own error would quote the file, and a password in it. */
function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''))
  } catch {
    throw new PresenceError('invalid_config', `${path} is not JSON`, 'mend it, or move it away')
  }
}
