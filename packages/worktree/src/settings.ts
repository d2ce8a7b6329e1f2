import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sleep, WORKTREES } from '@presence/core/internal'
import { appendWhole } from './append.ts'
import type { Git } from './git.ts'
import { gitFailed } from './git.ts'
import type { Repository } from './repository.ts'

/** A reserved domain (RFC 2606), because a role gets no mail. */
const DOMAIN = 'presence.invalid'

/** Another program that writes git's settings holds their lock for milliseconds. */
const LOCKED = /could not lock config file/
const TRIES_MAX = 20
const PAUSE_MS = 50

/** Makes git keep separate settings for each worktree. */
export async function separateSettings({ git }: Repository): Promise<void> {
  if ((await git.found(['config', '--bool', 'extensions.worktreeConfig'])) === 'true') return
  await setConfig(git, ['extensions.worktreeConfig', 'true'])
}

/**
 * Makes the role the author of commits in its worktree, and nowhere else. An email address of the role that
 * was already set stays.
 */
export async function setIdentity(inside: Git, role: string): Promise<void> {
  const email = await inside.found(['config', '--worktree', 'user.email'])
  if (email?.startsWith(`${role}@`) && (await inside.found(['config', '--worktree', 'user.name']))) return
  if (!email?.startsWith(`${role}@`))
    await setConfig(inside, ['--worktree', 'user.email', `${role}@${DOMAIN}`])
  await setConfig(inside, ['--worktree', 'user.name', role])
}

async function setConfig(git: Git, args: readonly string[]): Promise<void> {
  for (let tries = 1; ; tries++) {
    const said = await git.run(['config', ...args])
    if (said.status === 0) return
    if (!LOCKED.test(said.stderr) || tries === TRIES_MAX) throw gitFailed(['config'], said)
    await sleep(PAUSE_MS)
  }
}

/**
 * Makes git ignore the worktrees, by a line in this clone's own `.git/info/exclude`. Not needed if the
 * project's `.gitignore` covers them.
 */
export async function ignoreWorktrees({ git, common }: Repository, role: string): Promise<void> {
  if (await git.holds(['check-ignore', '--quiet', '--no-index', `${WORKTREES}/${role}/x`])) return
  const file = join(common, 'info', 'exclude')
  const line = `/${WORKTREES}/`
  if (textIn(file).split(/\r?\n/).includes(line)) return
  appendWhole(file, `${line}\n`)
}

function textIn(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
