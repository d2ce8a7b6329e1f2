import { existsSync } from 'node:fs'
import { join, sep } from 'node:path'
import { type Base, sidesOf } from './base.ts'
import type { Git } from './git.ts'
import { isThere, type Repository, type Worktree } from './repository.ts'

/** What is in a worktree that is nowhere else. */
export interface Work {
  /** Files that are changed, staged or untracked; ignored ones are not looked at. */
  readonly uncommitted: readonly string[]
  /** Commits of the head that the base hasn't. */
  readonly unmerged: number
  /** Those of them that no remote has either. */
  readonly unpushed: number
  /** The head's commits are on no branch, tag or remote: they go with the worktree. */
  readonly unnamed: boolean
}

/** Markers of what git is in the middle of, in a worktree's own part of the repository. */
const OPERATIONS = [
  ['rebase-merge', 'a rebase', 'git rebase --abort'],
  ['rebase-apply', 'a rebase or git am', 'git rebase --abort'],
  ['MERGE_HEAD', 'a merge', 'git merge --abort'],
  ['CHERRY_PICK_HEAD', 'a cherry-pick', 'git cherry-pick --abort'],
  ['REVERT_HEAD', 'a revert', 'git revert --abort'],
  ['sequencer', 'a cherry-pick or revert of several commits', 'git cherry-pick --abort'],
  ['BISECT_LOG', 'a bisect', 'git bisect reset'],
] as const

/** What git is in the middle of there, and what ends it. */
export function operationIn(admin: string): { readonly what: string; readonly ends: string } | undefined {
  const found = OPERATIONS.find(([marker]) => existsSync(join(admin, marker)))
  return found && { what: found[1], ends: found[2] }
}

/** Files that are changed or new against what is committed. */
export async function uncommittedIn(git: Git): Promise<readonly string[]> {
  const status = await git.parts([
    ...['--no-optional-locks', 'status', '--porcelain', '-z', '--no-renames'],
    ...['--untracked-files=all', '--ignore-submodules=none'],
  ])
  return [...new Set([...status.map(line => line.slice(3)), ...(await hiddenIn(git))])]
}

/** As if there were no sparse checkout: with one, git hides from some commands what it shows to others. */
export const WHOLE = ['-c', 'core.sparseCheckout=false'] as const

/** Changed files that git was told not to look at (`--skip-worktree`, `--assume-unchanged`). */
export async function hiddenIn(git: Git): Promise<readonly string[]> {
  const flagged = (await git.parts([...WHOLE, 'ls-files', '-v', '-z'])).filter(line => /^[a-zS] /.test(line))
  const changed: string[] = []
  for (const path of flagged.map(line => line.slice(2))) {
    // Outside of a sparse checkout: not there, and nothing to lose.
    if (!isThere(join(git.folder, path))) continue
    const now = await git.found(['hash-object', '--', path])
    if (now === undefined || now !== (await git.found(['rev-parse', '--verify', '--quiet', `:${path}`])))
      changed.push(path)
  }
  return changed
}

/**
 * Repositories inside a worktree that are no submodules of it: they would be deleted with all that is in them. Ignored
 * folders are looked into.
 */
export async function repositoriesIn(git: Git, all: readonly Worktree[]): Promise<readonly string[]> {
  const untracked = await git.parts(['ls-files', '--others', '-z'])
  const below = all.filter(({ path }) => path.startsWith(git.folder + sep))
  return [
    ...new Set([
      ...untracked.filter(path => path.endsWith('/')),
      ...below.map(({ path }) => `${path.slice(git.folder.length + 1)}/`),
    ]),
  ]
}

/** Looks at all that a worktree holds. */
export async function workIn({ git }: Repository, worktree: Worktree, base: Base | undefined): Promise<Work> {
  const uncommitted = worktree.state === 'there' ? await uncommittedIn(git.in(worktree.path)) : []
  const { head, branch } = worktree
  if (head === undefined) return { uncommitted, unmerged: 0, unpushed: 0, unnamed: false }
  const counted = async (...not: string[]) =>
    Number((await git.found(['rev-list', '--count', head, '--not', ...not, '--'])) ?? Number.NaN)
  const bases = base === undefined ? [] : await sidesOf(git, base)
  return {
    uncommitted,
    unmerged: await counted(...bases),
    unpushed: await counted(...bases, '--remotes'),
    unnamed: branch === undefined && (await counted('--branches', '--tags', '--remotes')) !== 0,
  }
}
