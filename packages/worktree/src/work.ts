import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Base, beganAt, sidesOf } from './base.ts'
import type { Git } from './git.ts'
import { isThere, type Repository, type Worktree } from './repository.ts'

/** The work in a worktree and on its branch that is not committed, merged or pushed. */
export interface Work {
  /**
   * Files that are changed, staged or untracked; ignored files don't count. If the folder is gone, only
   * staged files.
   */
  readonly uncommitted: readonly string[]
  /** Commits of the head and of the role's branch that the base doesn't have. */
  readonly unmerged: number
  /** Commits of the role that no remote has; 0 if the repository has no remote. */
  readonly unpushed: number
  /** The head's commits are on no branch, tag or remote: they are lost with the worktree. */
  readonly unnamed: boolean
}

/** The files in a worktree's own part of the repository that show which operation git is in the middle of. */
const OPERATIONS = [
  ['rebase-merge', 'a rebase', 'git rebase --abort'],
  ['rebase-apply', 'a rebase or git am', 'git rebase --abort'],
  ['MERGE_HEAD', 'a merge', 'git merge --abort'],
  ['CHERRY_PICK_HEAD', 'a cherry-pick', 'git cherry-pick --abort'],
  ['REVERT_HEAD', 'a revert', 'git revert --abort'],
  ['sequencer', 'a cherry-pick or revert of several commits', 'git cherry-pick --abort'],
  ['BISECT_LOG', 'a bisect', 'git bisect reset'],
  ['MERGE_AUTOSTASH', 'a merge that put changes aside', 'git merge --quit, which makes a stash of them'],
  ['NOTES_MERGE_PARTIAL', 'a merge of notes', 'git notes merge --abort'],
] as const

/** The operation that git is in the middle of, and what ends it. */
export function operationIn(admin: string): { readonly what: string; readonly ends: string } | undefined {
  const found = OPERATIONS.find(([marker]) => existsSync(join(admin, marker)))
  return found && { what: found[1], ends: found[2] }
}

/**
 * Runs git in a worktree, which it finds by the repository's own record and not by the folder. If its folder
 * is gone, git can still say what is committed and staged.
 */
export function insideOf({ git, main }: Repository, { path, admin, state }: Worktree): Git {
  return admin === undefined ? git.in(path) : git.at(state === 'there' ? path : main, admin)
}

/** A full check: git must neither use an earlier list nor be told by settings to ignore change times. */
export const LOOKING = [
  ...['-c', 'core.untrackedCache=false', '-c', 'core.trustctime=true', '-c', 'core.checkStat=default'],
  '--no-optional-locks',
] as const

/** Files that differ from what is committed, or are new. */
export async function uncommittedIn(git: Git): Promise<readonly string[]> {
  const status = await git.parts([
    ...[...LOOKING, 'status', '--porcelain', '-z', '--no-renames'],
    ...['--untracked-files=all', '--ignore-submodules=none'],
  ])
  return [...new Set([...status.map(line => line.slice(3)), ...(await hiddenIn(git))])]
}

/** Turns off the sparse checkout: with one, git hides files from some commands that it shows to others. */
export const WHOLE = ['-c', 'core.sparseCheckout=false'] as const

/**
 * Files that exist although git was told not to look at them (`--skip-worktree`, `--assume-unchanged`). They
 * count as changed. Files that a sparse checkout left out don't exist, so nothing in them can be lost.
 */
export async function hiddenIn(git: Git): Promise<readonly string[]> {
  const flagged = (await git.parts([...WHOLE, 'ls-files', '-v', '-z'])).filter(line => /^[a-zS] /.test(line))
  // A name that is not valid UTF-8 can't be looked up.
  return flagged
    .map(line => line.slice(2))
    .filter(path => path.includes('\ufffd') || isThere(join(git.folder, path)))
}

interface Looked {
  readonly role: string
  readonly worktree: Worktree | undefined
  /** The commit of the role's branch. */
  readonly tip: string | undefined
  readonly base: Base | undefined
  /** True if the branch is merged first: commits that the merge brings in don't count as unmerged. */
  readonly merge: boolean
}

/** Looks at what is not committed, merged or pushed. */
export async function workIn(
  repository: Repository,
  { role, worktree, tip, base, merge }: Looked,
): Promise<Work> {
  const { git } = repository
  const heads = [...new Set([worktree?.head, tip].filter(each => each !== undefined))]
  const without = async (of: readonly string[], ...not: readonly string[]) =>
    of.length === 0 ? 0 : Number(await git.text(['rev-list', '--count', ...of, '--not', ...not, '--']))
  const merged = [...(base ? await sidesOf(git, base) : []), ...(merge && tip ? [tip] : [])]
  const isDetached = worktree?.head !== undefined && worktree.branch === undefined
  const hasRemote = (await git.text(['remote'])) !== ''
  return {
    uncommitted: worktree ? await filesOf(repository, worktree) : [],
    unmerged: await without(heads, ...merged),
    unpushed: hasRemote ? await without(heads, '--remotes', ...(await beganAt(git, role))) : 0,
    unnamed: isDetached && (await without([worktree.head ?? ''], '--branches', '--tags', '--remotes')) > 0,
  }
}

/** The uncommitted files; if the folder is gone, only what is staged is left. */
export function filesOf(repository: Repository, worktree: Worktree): Promise<readonly string[]> {
  const inside = insideOf(repository, worktree)
  return worktree.state === 'there'
    ? uncommittedIn(inside)
    : inside.parts(['diff', '--cached', '--name-only', '--no-renames', '--ignore-submodules=none', '-z'])
}
