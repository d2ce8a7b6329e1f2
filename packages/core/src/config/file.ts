import { readFileSync } from 'node:fs'
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
  readonly config: Config
}

/**
 * The config files that apply in a folder, the nearest first: `.presence/config.json` in it or above it, then the
 * user's own.
 *
 * @throws PresenceError `invalid_config`, naming the file and what is wrong in it
 */
export async function readConfigs(cwd: string, env: Environment): Promise<readonly ConfigFile[]> {
  const found: ConfigFile[] = []
  for (const path of [nearestAbove(cwd), join(configFolder(env), 'config.json')]) {
    const text = path === undefined ? undefined : readIfThere(path)
    if (path !== undefined && text !== undefined) found.push({ path, config: await parseConfig(text, path) })
  }
  return found
}

function nearestAbove(cwd: string): string | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const path = join(folder, '.presence', 'config.json')
    if (readIfThere(path) !== undefined) return path
    if (dirname(folder) === folder) return undefined
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
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

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new PresenceError('invalid_config', `${path} is not JSON`, 'mend it, or move it away', {
      cause: error,
    })
  }
}
