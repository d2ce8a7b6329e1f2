import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PresenceError } from '@presence/core'
import { shellWord } from '@presence/core/internal'
import { baseOf } from './base.ts'
import { coveredBy } from './covered.ts'
import { faultOf } from './fault.ts'
import { complaintOf, type Git, type GitResult, gitFailed } from './git.ts'
import { refuse, type Said } from './refusal.ts'
import { type Repository, type Worktree, worktreesOf } from './repository.ts'
import { branchOf, folderOf } from './role.ts'
import { operationIn } from './work.ts'

/** A role's branch that is merged. */
export interface Merged {
  /** The branch that it was merged into. */
  readonly into: string
  readonly how: 'already' | 'fast-forward' | 'merge-commit'
  /** The commit at which that branch is now. */
  readonly head: string
  /** What the user should know, one sentence each. */
  readonly notes: readonly string[]
}

/**
 * Overrides the user's settings. The strategy is named, because a setting (pull.twohead) may choose one that
 * drops a side.
 */
const MERGING = [
  'merge',
  '--strategy=recursive',
  '--ff',
  '--commit',
  '--no-edit',
  '--no-squash',
  '--no-autostash',
  '--no-rerere-autoupdate',
]

interface Merge {
  readonly branch: string
  readonly into: string
  /** The tips of both branches. */
  readonly theirs: string
  readonly ours: string
}

/** `mergeWorktree` for a caller that holds the repository's lock. */
export async function mergeBranch(repository: Repository, role: string): Promise<Said<Merged>> {
  const { git } = repository
  const branch = branchOf(role)
  const tipOf = (name: string) => git.commitAt(`refs/heads/${name}`)
  const theirs = await tipOf(branch)
  if (theirs === undefined)
    return refuse('no_such_branch', `there is no branch ${branch}`, 'see: presence worktree list')
  const base = await baseOf(git, role)
  const ours = base && (await tipOf(base.name))
  if (base === undefined || ours === undefined)
    return refuse(
      'no_such_branch',
      `there is no branch${base ? ` ${base.name}` : ''} here that ${branch} can be merged into`,
      base ? `make it: git branch ${base.name} ${base.ref}` : 'make one: git branch main <commit>',
    )
  const merge = { branch, into: base.name, theirs, ours }
  const all = await worktreesOf(repository)
  const where = all.find(each => each.branch === base.name && each.state === 'there')
  const rebased = where ? undefined : all.find(each => isRebasing(each.admin ?? repository.common, base.name))
  // When the rebase ends or is aborted, git sets the branch and would discard what was merged meanwhile.
  if (rebased)
    return refuse(
      'operation_in_progress',
      `a rebase of ${base.name} is in progress in ${rebased.path}`,
      'finish it there, or abort it: git rebase --abort',
    )
  const done = await mergeIn(repository, where, merge)
  return done.ok ? { ...done, notes: notesOn(repository, all, role, theirs) } : done
}

/**
 * True if a worktree is rebasing the branch. Its head is then detached, so the branch looks as if it were not
 * checked out.
 */
function isRebasing(admin: string, branch: string): boolean {
  return ['rebase-merge', 'rebase-apply'].some(folder => {
    try {
      return readFileSync(join(admin, folder, 'head-name'), 'utf8').trim() === `refs/heads/${branch}`
    } catch {
      return false
    }
  })
}

/** A note if the role's worktree has another commit checked out than its branch. */
function notesOn(
  repository: Repository,
  all: readonly Worktree[],
  role: string,
  tip: string,
): readonly string[] {
  const own = all.find(({ path }) => path === folderOf(repository, role))
  if (!own || own.head === tip) return []
  return [
    `the worktree of ${role} has ${own.branch ?? 'a detached HEAD'} checked out, at a commit that is not the tip of ${branchOf(role)}; only ${branchOf(role)} was merged`,
  ]
}

type Done = Said<Omit<Merged, 'notes'>>

async function mergeIn(repository: Repository, where: Worktree | undefined, merge: Merge): Promise<Done> {
  const { git } = repository
  const { into, theirs, ours } = merge
  if (await git.isIn(theirs, ours)) return { ok: true, into, how: 'already', head: ours }
  const forward = await git.isIn(ours, theirs)
  if (where) return inWorktree(repository, git.in(where.path), { ...merge, forward, where })
  if (!forward)
    return refuse(
      'not_checked_out',
      `${into} has commits that ${merge.branch} lacks, and is not checked out: a merge needs a worktree`,
      `check it out: git -C ${shellWord(repository.main)} switch ${into}`,
    )
  // Moves the branch only from the commit seen before, so that a commit made in between is not lost.
  const note = `merge ${merge.branch}: Fast-forward`
  await git.text(['update-ref', '-m', note, `refs/heads/${into}`, theirs, ours])
  return { ok: true, into, how: 'fast-forward', head: theirs }
}

interface Target extends Merge {
  readonly forward: boolean
  readonly where: Worktree
}

async function inWorktree({ common }: Repository, git: Git, target: Target): Promise<Done> {
  const { where, into, branch, forward } = target
  const operation = operationIn(where.admin ?? common)
  if (operation)
    return refuse(
      'operation_in_progress',
      `${operation.what} is in progress in ${where.path}`,
      `finish it there, or end it: ${operation.ends}`,
    )
  // To undo a merge in a tree with changes, git must guess what was there before, so changes are refused.
  const changed = forward
    ? []
    : await git.parts([
        '--no-optional-locks',
        'status',
        '--porcelain',
        '-z',
        '--no-renames',
        '--untracked-files=no',
      ])
  if (changed.length > 0)
    return refuse(
      'uncommitted_changes',
      `${where.path} has uncommitted changes, and the merge needs a merge commit there`,
      'commit or stash them first',
      changed.map(line => line.slice(3)),
    )
  const covered = await coveredBy(git, target.ours, target.theirs)
  if (covered.length > 0)
    return refuse(
      'merge_refused',
      `files in ${where.path} that git doesn't track would be overwritten by ${branch}`,
      'move them away first: git would overwrite ignored files without asking',
      covered,
    )
  const before = await statusOf(git)
  const said = await git.run([
    // Otherwise the user's settings for this branch could make git squash, or resolve conflicts by itself.
    ...(into.includes('=') ? [] : ['-c', `branch.${into}.mergeOptions=`]),
    ...MERGING,
    ...['-m', `Merge branch '${branch}'`, `refs/heads/${branch}`],
  ])
  if (said.status !== 0) return notMerged(git, { ...target, before }, said, where.admin ?? common)
  const head = await git.text(['rev-parse', 'HEAD'])
  return { ok: true, into, how: forward ? 'fast-forward' : 'merge-commit', head }
}

/** Handles a merge at which git stopped: restores the tree and names the files. */
async function notMerged(
  git: Git,
  target: Target & { readonly before: string },
  said: GitResult,
  own: string,
): Promise<Done> {
  const { branch, into, where, ours, before } = target
  const files = await git.parts(['diff', '--name-only', '--diff-filter=U', '-z'])
  if (existsSync(join(own, 'MERGE_HEAD')) || files.length > 0) {
    const aborted = await git.run(['merge', '--abort'])
    const head = await git.found(['rev-parse', 'HEAD'])
    if (aborted.status !== 0 || head !== ours)
      throw new PresenceError(
        'git_failed',
        `the merge of ${branch} in ${where.path} stopped and could not be undone: ${complaintOf(aborted)}`,
        `see what is left of it: git -C ${shellWord(where.path)} status`,
      )
  }
  // A disk that becomes full stops git between two files.
  if ((await statusOf(git)) !== before)
    throw faultOf(
      gitFailed(['merge'], said),
      `; it stopped half-way, and ${where.path} was changed`,
      `; what it changed: git -C ${shellWord(where.path)} status`,
    )
  if (files.length > 0)
    return refuse(
      'conflict',
      `${branch} and ${into} both changed ${files.length === 1 ? 'this file' : 'these files'}; nothing was merged, and ${where.path} is unchanged`,
      `merge ${into} into ${branch} in its own worktree, resolve the conflict there, and merge again`,
      files,
    )
  const named = [...said.stderr.matchAll(/^\t(.+)$/gm)].map(([, file = '']) => file)
  return refuse(
    'merge_refused',
    `git does not merge ${branch} into ${into} in ${where.path}: ${complaintOf(said)}`,
    named.length > 0 ? 'commit, stash or move these files first' : 'fix what git reports, and merge again',
    named,
  )
}

function statusOf(git: Git): Promise<string> {
  return git.text(['--no-optional-locks', 'status', '--porcelain', '-z', '--untracked-files=all'])
}
