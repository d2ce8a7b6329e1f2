import { dirname } from 'node:path'
import { oneLine } from '@presence/core'
import { BEING_MADE, reasonOf } from './add.ts'
import { type Base, baseOf, isMerged } from './base.ts'
import { gitFailed } from './git.ts'
import { keepWork } from './keep.ts'
import { lostWith } from './lost.ts'
import { type Merged, mergeWorktree } from './merge.ts'
import { type Refused, refuse, type Said } from './refusal.ts'
import {
  branchOf,
  brokenWorktree,
  folderOf,
  isThere,
  type Repository,
  type Worktree,
  worktreesOf,
} from './repository.ts'
import { leftModules, submodulesIn, submoduleWork } from './submodules.ts'
import { deleteBranch, removeIfEmpty } from './undo.ts'
import { operationIn, repositoriesIn, type Work, workIn } from './work.ts'

/** A role's worktree and branch, and what would be lost with them. */
export interface Outlook {
  readonly role: string
  readonly path: string
  readonly worktree: Worktree | undefined
  /** Where the branch is; undefined where there is none. */
  readonly tip: string | undefined
  readonly base: Base | undefined
  readonly work: Work
}

export interface Removed {
  readonly path: string
  readonly branch: string
  /** The branch went too: all of it is merged. */
  readonly branchDeleted: boolean
  /** The ref that keeps what was in the worktree alone. */
  readonly kept: string | undefined
  readonly merged: Merged | undefined
}

/** Looks at what is to be removed. Refused where it can't be, whoever agrees. @param abandon half-made ones too */
export async function outlookOn(
  repository: Repository,
  role: string,
  abandon: boolean,
): Promise<Said<{ readonly outlook: Outlook }>> {
  const { git } = repository
  const path = folderOf(repository, role)
  const all = await worktreesOf(repository)
  const worktree = all.find(each => each.path === path)
  const tip = await git.found(['rev-parse', '--verify', '--quiet', `refs/heads/${branchOf(role)}^{commit}`])
  if (!worktree && tip === undefined)
    return refuse(
      'no_such_worktree',
      isThere(path) ? `${path} is no worktree of this repository` : `there is no worktree of ${role}`,
      'see: presence worktree list',
    )
  const refused = worktree && (await irremovable(repository, worktree, all, abandon))
  if (refused) return refused
  const base = await baseOf(git, role)
  const looked = worktree ?? {
    path,
    admin: undefined,
    branch: branchOf(role),
    head: tip,
    state: 'gone',
    locked: undefined,
  }
  const work = await workIn(repository, looked, base)
  return { ok: true, outlook: { role, path, worktree, tip, base, work } }
}

async function irremovable(
  repository: Repository,
  worktree: Worktree,
  all: readonly Worktree[],
  abandon: boolean,
): Promise<Refused | undefined> {
  const { path, state, locked, admin = '' } = worktree
  if (locked !== undefined && !(locked === BEING_MADE && abandon))
    return locked === BEING_MADE
      ? refuse('half_made', `${path} was begun and is not finished`, 'if nobody is at it: --abandon')
      : refuse(
          'locked',
          `${path} is locked${reasonOf(worktree)}`,
          `git worktree unlock ${path}, if its reason is over`,
        )
  if (state === 'broken') return brokenWorktree(worktree)
  if (state === 'gone') return lostWith(repository, worktree)
  const operation = operationIn(admin)
  if (operation)
    return refuse(
      'operation_in_progress',
      `${operation.what} is going on in ${path}`,
      `finish it there, or drop it: ${operation.ends}`,
    )
  const inside = repository.git.in(path)
  const repositories = await repositoriesIn(inside, all)
  if (repositories.length > 0)
    return refuse(
      'holds_repository',
      `${path} has other repositories in it, which would be deleted with it`,
      'move them out of it, or delete them yourself',
      repositories,
    )
  const submodules = [...(await submoduleWork(inside)), ...(await leftModules(inside, admin))]
  if (submodules.length === 0) return undefined
  return refuse(
    'submodule_work',
    `submodules in ${path} hold what is nowhere else, and their repositories go with it`,
    'push or move it first',
    submodules,
  )
}

/** What somebody has to agree to, in words; with a merge before, its commits are no hazard. */
export function hazardsOf({ work, base }: Outlook, merge: boolean): readonly string[] {
  const { uncommitted, unmerged, unpushed, unnamed } = work
  const into = base === undefined ? 'not merged' : `not in ${base.name}`
  const remote =
    unpushed === 0 ? '' : unpushed === unmerged ? ', and on no remote' : `, ${unpushed} of them on no remote`
  return [
    ...(uncommitted.length > 0 ? [counted(uncommitted.length, 'uncommitted file')] : []),
    ...((unmerged === 0 || merge) && !unnamed ? [] : [`${counted(unmerged, 'commit')} ${into}${remote}`]),
    ...(unnamed ? ['a detached head with commits that no branch has'] : []),
  ]
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

/**
 * Removes a worktree. What only it had is kept under a ref; the branch goes when all of it is merged. Whoever calls has the
 * repository's lock, and somebody's word for the hazards.
 */
export async function removeWorktree(
  repository: Repository,
  before: Outlook,
  { merge, abandon }: { readonly merge: boolean; readonly abandon: boolean },
): Promise<Said<Removed>> {
  const { role, path } = before
  const looked = await outlookOn(repository, role, abandon)
  if (!looked.ok) return looked
  const { outlook } = looked
  const changed = hazardsOf(outlook, merge).filter(each => !hazardsOf(before, merge).includes(each))
  if (changed.length > 0)
    return refuse(
      'unsaved_work',
      `${path} was changed meanwhile: ${changed.join('; ')}`,
      'look at it, and run it again',
    )
  const merged = merge ? await mergeWorktree(repository, role) : undefined
  if (merged && !merged.ok) return merged
  const kept = outlook.worktree && (await keepWork(repository, role, outlook.worktree, outlook.work))
  if (outlook.worktree) await takeAway(repository, outlook.worktree, outlook.work)
  return {
    ok: true,
    path,
    branch: branchOf(role),
    branchDeleted: await deleteIfMerged(repository, outlook),
    kept,
    merged,
  }
}

/** git's own look at the files comes last, wherever nothing was agreed to. */
async function takeAway({ git }: Repository, worktree: Worktree, { uncommitted }: Work): Promise<void> {
  const { path, state, locked } = worktree
  // git removes no worktree with submodules otherwise: they were looked into.
  const submodules = state === 'there' ? await submodulesIn(git.in(path)) : []
  const force = locked !== undefined ? 2 : uncommitted.length > 0 || submodules.length > 0 ? 1 : 0
  const removing = ['worktree', 'remove', ...Array<string>(force).fill('--force'), path]
  const said = await git.run(removing)
  if (said.status === 0) return removeIfEmpty(dirname(path))
  const fault = gitFailed(removing, said)
  throw Object.assign(fault, {
    message: `${fault.message}; ${isThere(path) ? `what is left is in ${oneLine(path)}` : 'its folder is gone'}`,
  })
}

async function deleteIfMerged(repository: Repository, { tip, base, role }: Outlook): Promise<boolean> {
  const { git } = repository
  if (tip === undefined || base === undefined || base.name === branchOf(role)) return false
  if ((await worktreesOf(repository)).some(({ branch }) => branch === branchOf(role))) return false
  return (await isMerged(git, tip, base)) && deleteBranch(repository, branchOf(role), tip)
}
