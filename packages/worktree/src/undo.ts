import { rmdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { PresenceError } from '@presence/core'
import { faultOf } from './fault.ts'
import { isThere, type Repository } from './repository.ts'
import { branchOf, folderOf } from './role.ts'

/** The objects that a call had made when it failed. */
export interface Made {
  /** The commit at which it began the branch. */
  readonly branch?: string
  readonly worktree?: boolean
}

/**
 * Undoes half-made changes, as long as nobody has worked in them (git checks that). The fault names what
 * can't be undone.
 *
 * @returns the fault to throw
 */
export async function undo(
  repository: Repository,
  role: string,
  made: Made,
  error: unknown,
): Promise<PresenceError> {
  const { git } = repository
  const [path, branch] = [folderOf(repository, role), branchOf(role)]
  if (made.worktree) await git.run(['worktree', 'remove', path])
  if (made.branch !== undefined && !isThere(path)) await deleteBranch(repository, branch, made.branch)
  if (!isThere(path)) removeIfEmpty(dirname(path))
  const isLeft = await git.hasRef(`refs/heads/${branch}`).catch(() => false)
  const left = [
    ...(isThere(path) ? [path] : []),
    ...(made.branch !== undefined && isLeft ? [`the branch ${branch}`] : []),
  ]
  return left.length === 0
    ? faultOf(error, '; nothing was left behind')
    : faultOf(error, `; left behind: ${left.join(' and ')}`, '; the next run continues from there')
}

/** Deletes a branch and its configuration, if it is still at the commit seen before. */
export async function deleteBranch({ git }: Repository, branch: string, commit: string): Promise<boolean> {
  const deleted = await git.holds(['update-ref', '-d', `refs/heads/${branch}`, commit])
  if (deleted) await git.run(['config', '--remove-section', `branch.${branch}`])
  return deleted
}

/** Removes a folder if nothing is in it. */
export function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder)
  } catch {
    // Keep the folder: it is not empty.
  }
}
