import { sep } from 'node:path'
import { shellWord } from '../ui/shell.ts'
import { BEING_MADE, reasonOf } from './add.ts'
import { leftovers } from './aside.ts'
import { type Base, baseOf } from './base.ts'
import { mountsIn } from './inside.ts'
import { lostWith } from './lost.ts'
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
import { heldIn, leftModules, submoduleWork } from './submodules.ts'
import { insideOf, operationIn, type Work, workIn } from './work.ts'

/** A role's worktree and branch, and what would be lost with them. */
export interface Outlook {
  readonly role: string
  readonly path: string
  readonly worktree: Worktree | undefined
  /** The commit of the branch; undefined if there is no branch. */
  readonly tip: string | undefined
  readonly base: Base | undefined
  readonly work: Work
}

interface OutlookOptions {
  /** True if the user gave up the work (`--abandon`), including that of a half-made worktree. */
  readonly abandon: boolean
  /** Where the worktree's folder is, if it was moved aside. */
  readonly at?: string
}

/**
 * Looks at the worktree and the branch to remove. Refuses if they can't be removed even with the user's
 * consent.
 */
export async function outlookOn(
  repository: Repository,
  role: string,
  { abandon, at }: OutlookOptions,
): Promise<Said<{ readonly outlook: Outlook }>> {
  const { git } = repository
  const path = folderOf(repository, role)
  const all = await worktreesOf(repository)
  const known = all.find(each => each.path === path || each.path === at)
  const worktree: Worktree | undefined =
    known && at !== undefined ? { ...known, path: at, state: 'there' } : known
  const tip = await git.found(['rev-parse', '--verify', '--quiet', `refs/heads/${branchOf(role)}^{commit}`])
  const refused = worktree
    ? await irremovable(repository, worktree, { path, all, abandon })
    : nothingThere(repository, role, tip)
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
  const work = await workIn(repository, looked, base, { role, tip })
  const unkept = work.ownRefs.filter(({ isCommit }) => !isCommit)
  if (unkept.length > 0)
    return refuse(
      'unsaved_work',
      `${path} has refs of its own to objects that are not commits, which can't be kept: ${unkept.map(({ ref }) => ref).join(', ')}`,
      `give each a ref that all worktrees share: git -C ${shellWord(path)} update-ref refs/keep/<name> <ref>`,
    )
  return { ok: true, outlook: { role, path, worktree, tip, base, work } }
}

/** If no worktree is registered, there may still be a folder, or only the branch. */
function nothingThere(repository: Repository, role: string, tip: string | undefined): Refused | undefined {
  const path = folderOf(repository, role)
  if (isThere(path))
    return refuse(
      'no_such_worktree',
      `${path} exists, and is not a worktree of this repository${tip === undefined ? '' : `; the branch ${branchOf(role)} exists`}`,
      'look at what is in it, and move it away, or delete it',
    )
  if (tip !== undefined) return undefined
  const [left] = leftovers(repository, role)
  return refuse(
    'no_such_worktree',
    `there is no worktree of ${role}`,
    left
      ? `to delete what is left of an earlier one: rm -r ${shellWord(left.path)}`
      : 'see: presence worktree list',
  )
}

async function irremovable(
  repository: Repository,
  worktree: Worktree,
  {
    path,
    all,
    abandon,
  }: { readonly path: string; readonly all: readonly Worktree[]; readonly abandon: boolean },
): Promise<Refused | undefined> {
  const { state, locked, admin = '' } = worktree
  if (locked !== undefined && !(locked === BEING_MADE && abandon))
    return locked === BEING_MADE
      ? refuse('half_made', `${path} is unfinished`, 'if no git is working on it: --abandon')
      : refuse(
          'locked',
          `${path} is locked${reasonOf(worktree)}`,
          `if the reason no longer holds: git worktree unlock ${shellWord(path)}`,
        )
  if (state === 'broken') return brokenWorktree(worktree)
  if (state === 'gone') return lostWith(repository, worktree)
  const operation = operationIn(admin)
  if (operation)
    return refuse(
      'operation_in_progress',
      `${operation.what} is in progress in ${path}`,
      `finish it there, or end it: ${operation.ends}`,
    )
  const nested = all.filter(each => each.path.startsWith(path + sep)).map(each => each.path)
  return heldBy(repository, worktree, { path, nested })
}

/**
 * Refuses if the worktree contains something that can't be deleted, or that would be lost although git
 * doesn't report it.
 */
async function heldBy(
  repository: Repository,
  worktree: Worktree,
  { path, nested }: { readonly path: string; readonly nested: readonly string[] },
): Promise<Refused | undefined> {
  const inside = insideOf(repository, worktree)
  const mounts = mountsIn(worktree.path)
  if (mounts.length > 0)
    return refuse(
      'holds_mount',
      `something is mounted in ${path}, and would be emptied`,
      'unmount it',
      mounts,
    )
  const { repositories, closed } = await heldIn(inside)
  const all = new Set([...repositories, ...nested.map(each => `${each.slice(path.length + 1)}/`)])
  if (all.size > 0)
    return refuse(
      'holds_repository',
      `${path} has other repositories in it, which would be deleted with it and can't be kept`,
      'move them out of it, or delete them yourself',
      [...all],
    )
  if (closed.length > 0)
    return refuse(
      'not_deletable',
      `${path} has folders that you can't read, or can't delete from`,
      `make them writable for you: chmod -R u+rwX ${shellWord(path)}; or ask their owner to delete them`,
      closed,
    )
  const submodules = [
    ...(await submoduleWork(inside)),
    ...(await leftModules(repository.git, worktree.admin ?? '')),
  ]
  if (submodules.length === 0) return undefined
  return refuse(
    'submodule_work',
    `submodules in ${path} have work that is nowhere else, and their repositories would be deleted with it`,
    'push or move it first',
    submodules,
  )
}
