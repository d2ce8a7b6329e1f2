import { execFileSync } from 'node:child_process'
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type CliResult, presence } from './cli.ts'
import { scratchFolder } from './scratch.ts'

/** git reads only the repository's own settings, never those of the user who runs the tests. */
export const NO_SETTINGS = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', HOME: '/nonexistent' }

/** git itself may be slow. How long a verb may take is tested elsewhere. */
const WITHIN_MS = 120_000

type Environment = Readonly<Record<string, string | undefined>>

export function git(cwd: string, ...args: readonly string[]): string {
  const env = { PATH: process.env['PATH'], ...NO_SETTINGS }
  return execFileSync('git', args, {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trimEnd()
}

/** A repository for one test. Runs the command in it with a board of its own. */
export class Repository {
  readonly top: string
  readonly env: Environment

  constructor(top: string, env: Environment = {}) {
    this.top = realpathSync(top)
    const state = env['XDG_STATE_HOME'] ?? scratchFolder()
    this.env = { ...NO_SETTINGS, XDG_STATE_HOME: state, PRESENCE_SESSION_ID: 'tester', ...env }
  }

  git(...args: readonly string[]): string {
    return git(this.top, ...args)
  }

  /** The folder where a role works. */
  folder(role: string, ...below: readonly string[]): string {
    return join(this.top, '.worktrees', role, ...below)
  }

  presence(...args: readonly string[]): Promise<CliResult> {
    return this.presenceIn(this.top, {}, ...args)
  }

  presenceIn(cwd: string, env: Environment, ...args: readonly string[]): Promise<CliResult> {
    return presence(args, { cwd, env: { ...this.env, ...env }, within: WITHIN_MS })
  }

  /** Writes a file in a worktree and commits it there. */
  commit(file: string, text: string, cwd = this.top): string {
    write(join(cwd, file), text)
    git(cwd, 'add', '--all')
    git(cwd, 'commit', '--quiet', '-m', `change ${file}`)
    return git(cwd, 'rev-parse', 'HEAD')
  }

  /** All refs except the remote's, as `<ref> <commit>`. */
  refs(): readonly string[] {
    return this.git('for-each-ref', '--format=%(refname) %(objectname)')
      .split('\n')
      .filter(line => line !== '' && !line.startsWith('refs/remotes/'))
  }
}

export function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/** An empty repository whose commits have an author. */
export function initRepository(top = join(scratchFolder(), 'infra')): Repository {
  mkdirSync(top, { recursive: true })
  git(top, 'init', '--quiet', '-b', 'main')
  git(top, 'config', 'user.name', 'Ana')
  git(top, 'config', 'user.email', 'ana@example.com')
  return new Repository(top)
}

/** A repository with one commit. */
export function newRepository(top?: string): Repository {
  const repository = initRepository(top)
  repository.commit('a', 'one\n')
  return repository
}

/** A clone of a remote that has one commit. */
export function clonedRepository(): Repository {
  const folder = scratchFolder()
  const seed = newRepository(join(folder, 'seed'))
  git(folder, 'clone', '--quiet', '--bare', seed.top, 'origin.git')
  git(folder, 'clone', '--quiet', join(folder, 'origin.git'), 'infra')
  const clone = new Repository(join(folder, 'infra'))
  clone.git('config', 'user.name', 'Ana')
  clone.git('config', 'user.email', 'ana@example.com')
  return clone
}
