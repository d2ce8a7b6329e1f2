import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Base, beganAt, sidesOf } from './base.ts'
import type { Git } from './git.ts'
import { type OwnRef, ownRefsIn } from './own-refs.ts'
import { isThere, type Repository, type Worktree } from './repository.ts'

/** What exists only in a worktree or in its part of the repository. */
export interface Work {
  /**
   * Files that are changed, staged or untracked; ignored files don't count. If the folder is gone, only
   * staged files.
   */
  readonly uncommitted: readonly string[]
  /** Commits of the head and of the role's branch that the base doesn't have. */
  readonly unmerged: number
  /** How many of them are on no remote either. */
  readonly unmergedNowhere: number
  /** How many of them are not in the role's branch, so that its merge leaves them out. */
  readonly unmergedAside: number
  /** Commits of the role that the local base has and no remote has; 0 if the repository has no remote. */
  readonly unpushed: number
  /** The head's commits are on no branch, tag or remote: they are lost with the worktree. */
  readonly unnamed: boolean
  readonly ownRefs: readonly OwnRef[]
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
const LOOKING = [
  ...['-c', 'core.untrackedCache=false', '-c', 'core.trustctime=true', '-c', 'core.checkStat=default'],
  '--no-optional-locks',
]

/**
 * Files that differ from what is committed, or are new.
 *
 * @param submodules `dirty`: only the submodules' commits count here; their content is checked elsewhere
 */
export async function uncommittedIn(
  git: Git,
  submodules: 'none' | 'dirty' = 'none',
): Promise<readonly string[]> {
  const status = await git.parts([
    ...[...LOOKING, 'status', '--porcelain', '-z', '--no-renames'],
    ...['--untracked-files=all', `--ignore-submodules=${submodules}`],
  ])
  return [...new Set([...status.map(line => line.slice(3)), ...(await hiddenIn(git))])]
}

/** Turns off the sparse checkout: with one, git hides files from some commands that it shows to others. */
export const WHOLE = ['-c', 'core.sparseCheckout=false'] as const

/** Changed files that git was told to ignore (`--skip-worktree`, `--assume-unchanged`). */
export async function hiddenIn(git: Git): Promise<readonly string[]> {
  const flagged = (await git.parts([...WHOLE, 'ls-files', '-v', '-z'])).filter(line => /^[a-zS] /.test(line))
  const changed: string[] = []
  for (const path of flagged.map(line => line.slice(2))) {
    // A file that doesn't exist is outside of a sparse checkout, so nothing can be lost. A name that is not
    // valid UTF-8 can't be looked up, so it counts as changed.
    if (!path.includes('\ufffd') && !isThere(join(git.folder, path))) continue
    const now = await git.found(['hash-object', '--', path])
    if (now === undefined || now !== (await git.found(['rev-parse', '--verify', '--quiet', `:${path}`])))
      changed.push(path)
  }
  return changed
}

/**
 * Looks at everything in a worktree.
 * @param tip the commit of the role's branch
 */
export async function workIn(
  repository: Repository,
  worktree: Worktree,
  base: Base | undefined,
  { role, tip }: { readonly role: string; readonly tip: string | undefined },
): Promise<Work> {
  const { git } = repository
  const { head, branch, admin, state } = worktree
  const inside = insideOf(repository, worktree)
  const uncommitted =
    state === 'there'
      ? await uncommittedIn(inside, 'dirty')
      : admin === undefined
        ? []
        : await stagedIn(inside)
  const ownRefs = admin === undefined ? [] : await ownRefsIn(inside)
  const heads = [...new Set([head, tip].filter(each => each !== undefined))]
  const counted = async (of: readonly string[], ...not: string[]) =>
    of.length === 0
      ? 0
      : Number((await git.found(['rev-list', '--count', ...of, '--not', ...not, '--'])) ?? Number.NaN)
  const bases = base === undefined ? [] : await sidesOf(git, base)
  const began = await beganAt(git, role)
  const unmergedNowhere = await counted(heads, ...bases, '--remotes')
  const hasRemote = (await git.text(['remote'])) !== ''
  return {
    uncommitted,
    ownRefs,
    unmerged: await counted(heads, ...bases),
    unmergedNowhere,
    unmergedAside:
      head === undefined || head === tip ? 0 : await counted([head], ...bases, ...(tip ? [tip] : [])),
    unpushed: hasRemote
      ? (await counted(heads, '--remotes', ...began)) -
        (await counted(heads, ...bases, '--remotes', ...began))
      : 0,
    unnamed:
      head !== undefined &&
      branch === undefined &&
      (await counted([head], '--branches', '--tags', '--remotes')) !== 0,
  }
}

/** The staged files; if the folder is gone, they are all that is left. */
function stagedIn(inside: Git): Promise<readonly string[]> {
  return inside.parts(['diff', '--cached', '--name-only', '--no-renames', '--ignore-submodules=none', '-z'])
}
