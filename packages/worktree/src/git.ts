import { PresenceError } from '@presence/core'
import { oneLine } from '@presence/core/internal'

/** The result of a git command, successful or not. */
export interface GitResult {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

interface GitOptions {
  /** Variables in addition to this process's environment. */
  readonly env?: Readonly<Record<string, string>>
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Variables that name a repository regardless of the folder (git rev-parse --local-env-vars). A git hook runs
 * with them set, and they would direct every call to the hook's repository.
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

/** Runs git in one folder, as a child process without a shell. It never prompts. */
export class Git {
  readonly folder: string
  readonly #env: Environment
  readonly #pinned: Readonly<Record<string, string>>

  /** @param pinned variables that name the repository, for this folder only */
  constructor(folder: string, env: Environment, pinned: Readonly<Record<string, string>> = {}) {
    this.folder = folder
    this.#pinned = pinned
    const own = Object.entries(env).filter(([name]) => !ELSEWHERE.includes(name))
    // Some of git's messages are parsed, so they must be in English; LC_ALL alone would leave LANGUAGE in
    // force.
    this.#env = { ...Object.fromEntries(own), LC_ALL: 'C', LANGUAGE: 'C', GIT_TERMINAL_PROMPT: '0' }
  }

  in(folder: string): Git {
    return new Git(folder, this.#env)
  }

  /**
   * Runs git on a named repository instead of finding it by the files in the folder, which may be gone or
   * moved.
   */
  at(folder: string, repository: string): Git {
    return new Git(folder, this.#env, { GIT_DIR: repository, GIT_WORK_TREE: folder })
  }

  /** @throws PresenceError `git_failed` if git can't be started */
  run(args: readonly string[], { env = {} }: GitOptions = {}): Promise<GitResult> {
    const { spawn } = process.getBuiltinModule('node:child_process')
    return new Promise((resolve, reject) => {
      // A file system monitor that lags would hide a change, which would then be deleted with its folder.
      const child = spawn('git', ['-C', this.folder, '-c', 'core.fsmonitor=false', ...args], {
        env: { ...this.#env, ...this.#pinned, ...env },
        // The folder may be the one that is being removed.
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

  /**
   * The output without its final line break.
   * @throws PresenceError `git_failed` if the exit status is not 0
   */
  async text(args: readonly string[], options: GitOptions = {}): Promise<string> {
    const said = await this.run(args, options)
    if (said.status !== 0) throw gitFailed(args, said)
    return said.stdout.replace(/\n$/, '')
  }

  /** The parts of the output of a command with `-z`. */
  async parts(args: readonly string[], options: GitOptions = {}): Promise<readonly string[]> {
    return (await this.text(args, options)).split('\0').filter(part => part !== '')
  }

  /** True if git exits with 0. */
  async holds(args: readonly string[]): Promise<boolean> {
    return (await this.run(args)).status === 0
  }

  /** The output; undefined if the exit status is not 0: no such ref, no such key. */
  async found(args: readonly string[]): Promise<string | undefined> {
    const { status, stdout } = await this.run(args)
    return status === 0 ? stdout.replace(/\n$/, '') : undefined
  }

  /** The commit that a branch, a tag, another ref or a commit's name stands for. */
  commitAt(name: string): Promise<string | undefined> {
    return this.found(['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`])
  }

  /** True if there is a ref of this full name. */
  hasRef(ref: string): Promise<boolean> {
    return this.holds(['show-ref', '--verify', '--quiet', ref])
  }

  /** True if the history of the second commit contains the first. */
  isIn(commit: string, history: string): Promise<boolean> {
    return this.holds(['merge-base', '--is-ancestor', commit, history])
  }
}

/** Git's error message on one line. */
export function complaintOf({ stderr, status }: GitResult): string {
  const lines = stderr.split('\n').map(line => line.trim())
  const errors = lines.filter(line => /^(fatal|error): /.test(line))
  const told = (errors.length > 0 ? errors : lines.filter(line => line !== '').slice(-2)).slice(0, 3)
  return oneLine(told.join('; ').replaceAll(/\b(fatal|error): /g, '')) || `it exited with status ${status}`
}

/** @param args the arguments of the call; only its subcommand is shown */
export function gitFailed(args: readonly string[], said: GitResult): PresenceError {
  const full = /no space left|disk quota exceeded/i.test(said.stderr)
  const verb = args.find(arg => /^[a-z]/.test(arg)) ?? ''
  return new PresenceError(
    full ? 'full' : 'git_failed',
    `git ${verb} failed: ${complaintOf(said)}`,
    full || /unable to write file/.test(said.stderr)
      ? 'make room on the disk, and run it again'
      : 'fix what git reports, and run it again',
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
