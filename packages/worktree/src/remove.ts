import { dirname } from 'node:path'
import { isMerged } from './base.ts'
import { faultOf } from './fault.ts'
import { complaintOf, gitFailed } from './git.ts'
import { commitOf, keep, type Trees, treesOf } from './keep.ts'
import { type Merged, mergeBranch } from './merge.ts'
import { type Asked, type Outlook, outlookOn } from './outlook.ts'
import { type Refused, refuse, type Said } from './refusal.ts'
import { isThere, type Repository, type Worktree, worktreesOf } from './repository.ts'
import { branchOf } from './role.ts'
import { deleteBranch, removeIfEmpty } from './undo.ts'
import { filesOf, insideOf } from './work.ts'

/** A worktree that is removed: git no longer knows it. */
export interface Removed {
  readonly path: string
  readonly branch: string
  /** True if the branch was deleted too, because all of it is merged. */
  readonly branchDeleted: boolean
  /** The ref that keeps what was only in the worktree. */
  readonly kept: string | undefined
  readonly merged: Merged | undefined
  /** The reason why files are left in its folder; undefined if no files are left. */
  readonly left: string | undefined
}

/** `removeWorktree` for a caller that holds the repository's lock. */
export async function remove(repository: Repository, before: Outlook, asked: Asked): Promise<Said<Removed>> {
  const { role, path } = before
  const branch = branchOf(role)
  // Check before the merge too: otherwise a reason to refuse would be found only after it.
  const looked = asked.merge ? await lookAgain(repository, before, asked) : undefined
  if (looked && !looked.ok) return looked
  const merged = asked.merge ? await mergeBranch(repository, role) : undefined
  if (merged && !merged.ok) return merged
  const also = merged ? `; ${branch} was merged into ${merged.into} before that` : ''
  const taken = await takenAway(repository, before, asked).catch((error: unknown) => {
    throw faultOf(error, also)
  })
  if (!taken.ok) {
    const { message, ...refusal } = taken.refusal
    const done = merged ? { merged_to: merged.into } : {}
    return { ok: false, refusal: { ...refusal, message: message + also, done } }
  }
  const branchDeleted = await deleteIfMerged(repository, taken.outlook)
  removeIfEmpty(dirname(path))
  return { ...taken, path, branch, branchDeleted, merged }
}

interface Taken {
  /** The result of the last look before the removal. */
  readonly outlook: Outlook
  readonly kept: string | undefined
  readonly left: string | undefined
}

/** Refused if there is a hazard that the user was not asked about. */
async function lookAgain(repository: Repository, before: Outlook, asked: Asked) {
  const looked = await outlookOn(repository, before.role, asked)
  if (!looked.ok) return looked
  const changed = looked.outlook.hazards.filter(each => !before.hazards.includes(each))
  return changed.length > 0 ? changedMeanwhile(before.path, `: ${changed.join('; ')}`) : looked
}

async function takenAway(repository: Repository, before: Outlook, asked: Asked): Promise<Said<Taken>> {
  const looked = await lookAgain(repository, before, asked)
  if (!looked.ok) return looked
  const { outlook } = looked
  const { role, path, worktree, work } = outlook
  if (!worktree) return { ok: true, outlook, kept: undefined, left: undefined }
  const trees = work.uncommitted.length > 0 ? await treesOf(repository, worktree) : undefined
  const commit = trees
    ? await commitOf(repository, role, worktree, trees)
    : work.unnamed
      ? worktree.head
      : undefined
  // This is the last look. A later commit on a branch is safe, because a branch is only deleted at the commit
  // seen before. A file that is written later is lost.
  if (!(await isStill(repository, worktree, trees))) return changedMeanwhile(path)
  const kept = commit === undefined ? undefined : await keep(repository, role, commit)
  return { ok: true, outlook, kept, left: await forget(repository, worktree, kept) }
}

function changedMeanwhile(path: string, how = ''): Refused {
  return refuse(
    'unsaved_work',
    `${path} was changed in the meantime${how}; nothing was removed`,
    'check these changes, and run it again',
  )
}

/** True if a worktree has nothing that was not seen or saved before. */
async function isStill(
  repository: Repository,
  worktree: Worktree,
  trees: Trees | undefined,
): Promise<boolean> {
  const inside = insideOf(repository, worktree)
  const head = await inside.commitAt('HEAD')
  if (head !== worktree.head) return false
  if (!trees) return (await filesOf(repository, worktree)).length === 0
  const { files, staged } = await treesOf(repository, worktree)
  return files === trees.files && staged === trees.staged
}

/**
 * Makes git delete a worktree's files and its part of the repository.
 * @returns why files are left, although git no longer knows the worktree; undefined if none are
 */
async function forget(
  repository: Repository,
  { path, locked }: Worktree,
  kept: string | undefined,
): Promise<string | undefined> {
  // Everything was inspected and saved before. Without `--force` git refuses to remove a worktree that has
  // uncommitted files or submodules; without a second `--force`, one that a killed git left locked.
  const force = locked === undefined ? ['--force'] : ['--force', '--force']
  const removing = ['worktree', 'remove', ...force, path]
  const said = await repository.git.run(removing)
  if (said.status === 0) return undefined
  if (!(await worktreesOf(repository)).some(each => each.path === path))
    return isThere(path) ? complaintOf(said) : undefined
  const also = kept === undefined ? '' : `; work that only it had is kept: ${kept}`
  throw faultOf(gitFailed(removing, said), `; ${path} is not removed completely${also}`)
}

async function deleteIfMerged(repository: Repository, { tip, base, role }: Outlook): Promise<boolean> {
  const { git } = repository
  if (tip === undefined || base === undefined || base.name === branchOf(role)) return false
  if ((await worktreesOf(repository)).some(({ branch }) => branch === branchOf(role))) return false
  return (await isMerged(git, tip, base)) && deleteBranch(repository, branchOf(role), tip)
}
