import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Refused, refuse } from './refusal.ts'
import type { Repository, Worktree } from './repository.ts'
import { operationIn } from './work.ts'

/** What the repository still has of a worktree whose folder is gone, and would be forgotten with it. */
export async function lostWith({ git }: Repository, worktree: Worktree): Promise<Refused | undefined> {
  const { path, admin, head, branch } = worktree
  const here = admin ?? ''
  const only =
    head !== undefined && branch === undefined
      ? await git.found(['rev-list', '--count', head, '--not', '--branches', '--tags', '--remotes', '--'])
      : '0'
  const what = existsSync(join(here, 'modules'))
    ? `the repositories of its submodules, in ${join(here, 'modules')}`
    : only !== '0'
      ? `commits that no branch has, at ${head}`
      : operationIn(here)?.what
  if (what === undefined) return undefined
  return refuse(
    'unsaved_work',
    `the folder ${path} is gone; the repository still has ${what}`,
    'look at it, and forget the worktree when nothing of it is needed: git worktree prune',
  )
}
