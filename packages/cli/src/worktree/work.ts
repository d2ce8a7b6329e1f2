import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Base, beganAt, sidesOf } from './base.ts'
import type { Git } from './git.ts'
import { type OwnRef, ownRefsIn } from './own-refs.ts'
import { isThere, type Repository, type Worktree } from './repository.ts'

/** What is in a worktree, or in its part of the repository, that is nowhere else. */
export interface Work {
  /** Files that are changed, staged or untracked; ignored ones are not looked at. Of a folder that is gone those that are staged. */
  readonly uncommitted: readonly string[]
  /** Commits of the head and the role's branch that the base hasn't. */
  readonly unmerged: number
  /** Those of them that no remote has either. */
  readonly unmergedNowhere: number
  /** Those of them that are not the role's branch's, so that its merge leaves them out. */
  readonly unmergedAside: number
  /** Commits of the role's that the base has here, and no remote; none where the repository has no remote. */
  readonly unpushed: number
  /** The head's commits are on no branch, tag or remote: they go with the worktree. */
  readonly unnamed: boolean
  readonly ownRefs: readonly OwnRef[]
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
  ['MERGE_AUTOSTASH', 'a merge that put changes aside', 'git merge --quit, which makes a stash of them'],
  ['NOTES_MERGE_PARTIAL', 'a merge of notes', 'git notes merge --abort'],
] as const

/** What git is in the middle of there, and what ends it. */
export function operationIn(admin: string): { readonly what: string; readonly ends: string } | undefined {
  const found = OPERATIONS.find(([marker]) => existsSync(join(admin, marker)))
  return found && { what: found[1], ends: found[2] }
}

/** git in a worktree, by the repository's word for it. One whose folder is gone can be asked for what is committed and staged. */
export function insideOf({ git, main }: Repository, { path, admin, state }: Worktree): Git {
  return admin === undefined ? git.in(path) : git.at(state === 'there' ? path : main, admin)
}

/** A full look: no list from earlier, and no time of change is taken for another by the settings. */
const LOOKING = [
  ...['-c', 'core.untrackedCache=false', '-c', 'core.trustctime=true', '-c', 'core.checkStat=default'],
  '--no-optional-locks',
]

/**
 * Files that are changed or new against what is committed.
 *
 * @param submodules `dirty`: what is in them is looked at elsewhere, and only their commit here
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

/** As if there were no sparse checkout: with one, git hides from some commands what it shows to others. */
export const WHOLE = ['-c', 'core.sparseCheckout=false'] as const

/** Changed files that git was told not to look at (`--skip-worktree`, `--assume-unchanged`). */
export async function hiddenIn(git: Git): Promise<readonly string[]> {
  const flagged = (await git.parts([...WHOLE, 'ls-files', '-v', '-z'])).filter(line => /^[a-zS] /.test(line))
  const changed: string[] = []
  for (const path of flagged.map(line => line.slice(2))) {
    // Outside of a sparse checkout: not there, and nothing to lose. A name that is no UTF-8 can't be looked for.
    if (!path.includes('\ufffd') && !isThere(join(git.folder, path))) continue
    const now = await git.found(['hash-object', '--', path])
    if (now === undefined || now !== (await git.found(['rev-parse', '--verify', '--quiet', `:${path}`])))
      changed.push(path)
  }
  return changed
}

/** Looks at all that a worktree holds. @param tip where the role's branch is */
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

/** What is staged; of a folder that is gone it is all that is left. */
function stagedIn(inside: Git): Promise<readonly string[]> {
  return inside.parts(['diff', '--cached', '--name-only', '--no-renames', '--ignore-submodules=none', '-z'])
}
