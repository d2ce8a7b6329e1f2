import { oneLine, PresenceError } from '@presence/core'

/** What git said, whatever it ended with. */
export interface GitResult {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

interface GitOptions {
  /** Variables beside those that this process has. */
  readonly env?: Readonly<Record<string, string>>
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * What names a repository in place of the folder (git rev-parse --local-env-vars): a hook of git's has them set, and they
 * would send every call to the repository that the hook belongs to.
 */
const ELSEWHERE = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_COMMON_DIR',
  'GIT_INDEX_FILE',
  'GIT_PREFIX',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_NAMESPACE',
]

/** git in one folder: a child process, without a shell, that asks nobody anything. */
export class Git {
  readonly folder: string
  readonly #env: Environment
  readonly #pinned: Readonly<Record<string, string>>

  /** @param pinned variables that name the repository, for this folder alone */
  constructor(folder: string, env: Environment, pinned: Readonly<Record<string, string>> = {}) {
    this.folder = folder
    this.#pinned = pinned
    const own = Object.entries(env).filter(([name]) => !ELSEWHERE.includes(name))
    // Its messages are read, in part; LC_ALL alone would leave LANGUAGE in force.
    this.#env = { ...Object.fromEntries(own), LC_ALL: 'C', LANGUAGE: 'C', GIT_TERMINAL_PROMPT: '0' }
  }

  in(folder: string): Git {
    return new Git(folder, this.#env)
  }

  /** With a repository that is named, not found by the files in the folder: those may be gone, or have been moved. */
  at(folder: string, repository: string): Git {
    return new Git(folder, this.#env, { GIT_DIR: repository, GIT_WORK_TREE: folder })
  }

  /** @throws PresenceError `git_failed` where git can't be started */
  run(args: readonly string[], { env = {} }: GitOptions = {}): Promise<GitResult> {
    const { spawn } = process.getBuiltinModule('node:child_process')
    return new Promise((resolve, reject) => {
      // A watcher that is late hides a change, which would then go with its folder.
      const child = spawn('git', ['-C', this.folder, '-c', 'core.fsmonitor=false', ...args], {
        env: { ...this.#env, ...this.#pinned, ...env },
        // The folder may be the one that is removed.
        cwd: '/',
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const [out, err]: [Buffer[], Buffer[]] = [[], []]
      child.stdout.on('data', chunk => out.push(chunk))
      child.stderr.on('data', chunk => err.push(chunk))
      child.on('error', error => reject(notStarted(error)))
      child.on('close', (status, signal) =>
        resolve({
          status: status ?? (signal === null ? 1 : 128),
          stdout: Buffer.concat(out).toString('utf8'),
          stderr: Buffer.concat(err).toString('utf8'),
        }),
      )
    })
  }

  /** What git prints, without the last line's end. @throws PresenceError `git_failed` where it ends with another status than 0 */
  async text(args: readonly string[], options: GitOptions = {}): Promise<string> {
    const said = await this.run(args, options)
    if (said.status !== 0) throw gitFailed(args, said)
    return said.stdout.replace(/\n$/, '')
  }

  /** The parts of what git prints with `-z`. */
  async parts(args: readonly string[], options: GitOptions = {}): Promise<readonly string[]> {
    return (await this.text(args, options)).split('\0').filter(part => part !== '')
  }

  /** Does git end with 0? */
  async holds(args: readonly string[]): Promise<boolean> {
    return (await this.run(args)).status === 0
  }

  /** What it prints; undefined where it ends with another status than 0: no such ref, no such key. */
  async found(args: readonly string[]): Promise<string | undefined> {
    const { status, stdout } = await this.run(args)
    return status === 0 ? stdout.replace(/\n$/, '') : undefined
  }
}

/** What git said went wrong, on a line. */
export function complaintOf({ stderr, status }: GitResult): string {
  const lines = stderr.split('\n').map(line => line.trim())
  const errors = lines.filter(line => /^(fatal|error): /.test(line))
  const told = (errors.length > 0 ? errors : lines.filter(line => line !== '').slice(-2)).slice(0, 3)
  return oneLine(told.join('; ').replaceAll(/\b(fatal|error): /g, '')) || `it ended with ${status}`
}

/** @param args what git was asked; only its verb is shown */
export function gitFailed(args: readonly string[], said: GitResult): PresenceError {
  const full = /no space left|disk quota exceeded/i.test(said.stderr)
  const verb = args.find(arg => /^[a-z]/.test(arg)) ?? ''
  return new PresenceError(
    full ? 'full' : 'git_failed',
    `git ${verb} failed: ${complaintOf(said)}`,
    full || /unable to write file/.test(said.stderr)
      ? 'make room on the disk, and run it again'
      : 'mend what git says, and run it again',
  )
}

function notStarted(cause: NodeJS.ErrnoException): PresenceError {
  return new PresenceError(
    'git_failed',
    cause.code === 'ENOENT' ? 'there is no git on PATH' : `git can't be started (${cause.code})`,
    'install git 2.30 or newer',
    { cause },
  )
}
