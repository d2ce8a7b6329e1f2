import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { hook } from '../../../packages/hooks/test/hook-process.ts'
import { type CliResult, PRESENCE, presence, run } from '../cli.ts'
import { scratchFolder } from '../scratch.ts'
import type { Made } from './fault.ts'

/** Nothing here tests how long a command takes. */
const WITHIN_MS = 60_000

/** A user in a project with a repository, worktrees of two roles, and a tracker. */
export class User {
  readonly #made: Made
  readonly home = scratchFolder()
  readonly project = join(this.home, 'project')

  private constructor(made: Made) {
    this.#made = made
  }

  static async with(made: Made): Promise<User> {
    const user = new User(made)
    const { home, project } = user
    for (const folder of [join(project, '.beads'), join(home, 'bin')]) mkdirSync(folder, { recursive: true })
    writeFileSync(join(home, 'bin/bd'), "#!/bin/sh\necho '[]'\n", { mode: 0o755 })
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
        cwd: project,
        stdio: 'pipe',
      })
    git('init', '-q', '-b', 'main')
    git('commit', '-q', '--allow-empty', '-m', 'first')
    for (const file of ['listed', 'removed'])
      await presence(['token', 'add', 'bob', '--as', 'bob', '--file', file], { cwd: project })
    if (made.uid !== undefined) execFileSync('chown', ['-R', `${made.uid}:${made.uid}`, home])
    for (const role of ['merged', 'removed'])
      expect(await user.#as(['worktree', 'add', role], { PRESENCE_DSN: 'sqlite:/nowhere/x' })).toMatchObject({
        status: 0,
      })
    if (made.config !== undefined) {
      mkdirSync(join(project, '.presence'))
      writeFileSync(join(project, '.presence/config.json'), made.config)
    }
    return user
  }

  /** Runs a command, with a state folder of its own. */
  async presence(args: readonly string[]): Promise<CliResult & { readonly isQueued: boolean }> {
    const state = join(this.home, `state-${crypto.randomUUID().slice(0, 8)}`)
    mkdirSync(state)
    const { uid } = this.#made
    if (uid !== undefined) chownSync(state, uid, uid)
    const said = await this.#as(args, { ...this.#made.env, XDG_STATE_HOME: state }, this.#made.inside)
    return { ...said, isQueued: isQueuedIn(join(state, 'presence/queue')) }
  }

  /** A new session of an agent starts. */
  hook(agent: string, event: string) {
    const session = crypto.randomUUID()
    const { env, uid, inside = [] } = this.#made
    const as = uid === undefined ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups']
    const input = JSON.stringify({
      session_id: session,
      conversation_id: session,
      hook_event_name: event,
      cwd: this.project,
      source: 'startup',
    })
    return hook({
      args: [event, '--agent', agent],
      input,
      env: { HOME: this.home, XDG_STATE_HOME: join(this.home, `hook-${agent}`), ...env },
      shell: [...as, ...inside, 'sh'],
      killedAfterMs: WITHIN_MS,
    })
  }

  #as(args: readonly string[], env: Readonly<Record<string, string>>, inside: readonly string[] = []) {
    const { uid } = this.#made
    const { PATH, TMPDIR } = process.env
    const all = {
      TMPDIR,
      PATH: `${this.home}/bin:${PATH}`,
      HOME: this.home,
      XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'],
      PRESENCE_SESSION_ID: 'ana',
      ...env,
    }
    const as = uid === undefined ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups']
    const [program = PRESENCE, ...words] = [...as, ...inside, PRESENCE, ...args]
    return run(program, words, { env: all, cwd: this.project, within: WITHIN_MS })
  }
}

function isQueuedIn(folder: string): boolean {
  if (!existsSync(folder)) return false
  return readdirSync(folder).some(name => name.endsWith('.jsonl') && statSync(join(folder, name)).size > 0)
}
