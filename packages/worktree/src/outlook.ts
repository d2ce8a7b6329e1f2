import { counted } from '@presence/core/internal'
import { type Base, baseOf } from './base.ts'
import { obstacleTo } from './obstacles.ts'
import { type Refused, refuse, type Said } from './refusal.ts'
import { isThere, type Repository, type Worktree, worktreesOf } from './repository.ts'
import { branchOf, folderOf, refusedRole } from './role.ts'
import { type Work, workIn } from './work.ts'

/** A role's worktree and branch, and what a removal would lose or leave unmerged. */
export interface Outlook {
  readonly role: string
  readonly path: string
  readonly worktree: Worktree | undefined
  /** The commit of the branch; undefined if there is no branch. */
  readonly tip: string | undefined
  readonly base: Base | undefined
  readonly work: Work
  /** The losses that the user must agree to, in words. */
  readonly hazards: readonly string[]
  /** The refusal if there is such a hazard, and the user doesn't agree or can't be asked. */
  readonly unsaved: Refused | undefined
}

/** The user's options. */
export interface Asked {
  /** Merge the branch first. Then commits that are on no remote aren't a hazard. */
  readonly merge: boolean
  /** Remove it even if work is uncommitted, not merged or not pushed, or if it is half made. */
  readonly abandon: boolean
}

/**
 * Inspects a role's worktree before its removal. Refuses if the user's consent would not be enough.
 *
 * @param asked what the removal is to do
 * @throws PresenceError `git_failed`
 */
export async function outlookOn(
  repository: Repository,
  role: string,
  { merge, abandon }: Asked,
): Promise<Said<{ readonly outlook: Outlook }>> {
  const invalid = refusedRole(role)
  if (invalid) return invalid
  const { git } = repository
  const path = folderOf(repository, role)
  const worktree = (await worktreesOf(repository)).find(each => each.path === path)
  const tip = await git.commitAt(`refs/heads/${branchOf(role)}`)
  const refused = worktree
    ? await obstacleTo(repository, worktree, abandon)
    : nothingThere(repository, role, tip)
  if (refused) return refused
  const base = await baseOf(git, role)
  const work = await workIn(repository, { role, worktree, tip, base, merge })
  const hazards = hazardsOf(work, base, merge)
  const unsaved =
    hazards.length === 0
      ? undefined
      : refuse(
          'unsaved_work',
          `${path} has ${hazards.join('; ')}`,
          remedyFor(work, base, merge, worktree?.branch),
          work.uncommitted,
        )
  return { ok: true, outlook: { role, path, worktree, tip, base, work, hazards, unsaved } }
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
  return refuse('no_such_worktree', `there is no worktree of ${role}`, 'see: presence worktree list')
}

function hazardsOf(
  { uncommitted, unmerged, unpushed }: Work,
  base: Base | undefined,
  merge: boolean,
): readonly string[] {
  const into = base ? `not in ${base.name}` : 'not merged'
  return [
    ...(uncommitted.length > 0 ? [counted(uncommitted.length, 'uncommitted file')] : []),
    ...(unmerged > 0
      ? [`${counted(unmerged, 'commit')} ${into}${merge ? ', and not merged by --merge either' : ''}`]
      : []),
    ...(unpushed > 0 && !merge ? [`${counted(unpushed, 'commit')} on no remote`] : []),
  ]
}

function remedyFor(
  { uncommitted, unmerged, unnamed }: Work,
  base: Base | undefined,
  merge: boolean,
  branch: string | undefined,
): string {
  if (uncommitted.length > 0) return 'commit it there; or --abandon, which keeps it under a ref'
  if (unnamed) return 'give it a branch: git branch <name> <commit>; or --abandon, which keeps it under a ref'
  if (unmerged === 0)
    return `push first; or add --merge, which removes it without a push: the commits are then only in ${base?.name} of this repository`
  if (merge)
    return `merge the ${branch === undefined ? 'commit' : `branch ${branch}`} that is checked out there yourself; or --abandon, which keeps the branch and removes the folder`
  return '--merge merges it first; --abandon keeps the branch and removes the folder'
}

/**
 * For a worktree whose folder is gone: refuses to create a new one in its place if git still has staged files
 * of the old one, or commits of it that are on no branch.
 */
export async function forgottenWith(
  repository: Repository,
  role: string,
  worktree: Worktree,
): Promise<Refused | undefined> {
  const looked = await outlookOn(repository, role, { merge: false, abandon: false })
  if (!looked.ok) return looked
  const { uncommitted, unnamed } = looked.outlook.work
  if (uncommitted.length === 0 && !unnamed) return undefined
  return refuse(
    'unsaved_work',
    `the folder ${worktree.path} is gone; the repository still has work from its worktree: staged files, or commits that no branch has`,
    `if the folder was moved: git worktree repair <where it is>; or presence worktree remove ${role} --abandon, which keeps that work under a ref`,
    uncommitted,
  )
}
