import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { WORKTREES } from '@presence/core'
import { appendWhole } from './append.ts'
import type { Git } from './git.ts'
import { gitFailed } from './git.ts'
import type { Repository } from './repository.ts'

/** A domain that is nobody's (RFC 2606): a role gets no mail. */
const DOMAIN = 'presence.invalid'

/** Another program that writes git's settings holds a lock for milliseconds. */
const LOCKED = /could not lock config file/
const TRIES_MAX = 20
const PAUSE_MS = 50

/** Has git keep settings of each worktree apart. */
export async function separateSettings({ git }: Repository): Promise<void> {
  if ((await git.found(['config', '--bool', 'extensions.worktreeConfig'])) === 'true') return
  await setConfig(git, ['extensions.worktreeConfig', 'true'])
}

/** Who commits in a worktree: the role, there and nowhere else. An address of the role's that somebody set stays. */
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
    await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
  }
}

/**
 * Has git leave the worktrees out of what it tracks: a line in `.git/info/exclude`, which is this clone's own. A project
 * that has it in its `.gitignore` needs none.
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
