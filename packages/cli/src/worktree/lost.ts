import { join } from 'node:path'
import { shellWord } from '../ui/shell.ts'
import { baseOf } from './base.ts'
import { hazardsOf } from './hazards.ts'
import { type Refused, refuse } from './refusal.ts'
import type { Repository, Worktree } from './repository.ts'
import { leftModules } from './submodules.ts'
import { operationIn, workIn } from './work.ts'

/**
 * Refuses if a worktree's folder is gone, and the repository still has work of it that not even `--abandon`
 * may lose.
 */
export async function lostWith({ git, main }: Repository, worktree: Worktree): Promise<Refused | undefined> {
  const { path, admin } = worktree
  if (admin === undefined)
    return refuse(
      'broken_worktree',
      `the folder ${path} is gone, and the repository's data about it can't be found`,
      `list the worktrees that git knows: git -C ${shellWord(main)} worktree list`,
    )
  const operation = operationIn(admin)
  const modules = await leftModules(git, admin)
  if (!operation && modules.length === 0) return undefined
  return refuse(
    'unsaved_work',
    `the folder ${path} is gone; the repository still has ${operation?.what ?? `submodules of it in ${join(admin, 'modules')}`}`,
    'check whether you need it; if not, forget the worktree: git worktree prune',
    modules,
  )
}

/** Refuses if a worktree's folder is gone, and making another worktree in its place would lose work. */
export async function forgottenWith(
  repository: Repository,
  role: string,
  worktree: Worktree,
): Promise<Refused | undefined> {
  const lost = await lostWith(repository, worktree)
  if (lost) return lost
  const base = await baseOf(repository.git, role)
  const work = await workIn(repository, worktree, base, { role, tip: undefined })
  // The branch stays, so its commits are not lost.
  const only = { ...work, unmerged: 0, unpushed: 0 }
  const hazards = hazardsOf({ path: worktree.path, base, work: only }, false)
  if (hazards.length === 0) return undefined
  return refuse(
    'unsaved_work',
    `the folder ${worktree.path} is gone; the repository still has work from its worktree: ${hazards.join('; ')}`,
    `if the folder was moved: git worktree repair <where it is>; or presence worktree remove ${role} --abandon, which keeps that work under a ref`,
    work.uncommitted,
  )
}
