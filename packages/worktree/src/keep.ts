import { copyFileSync, existsSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import type { Repository, Worktree } from './repository.ts'
import { hiddenIn, insideOf, LOOKING, WHOLE } from './work.ts'

/** The author of the commit, so that work is kept even if no name is configured. */
const AUTHOR = {
  GIT_AUTHOR_NAME: 'presence',
  GIT_AUTHOR_EMAIL: 'presence@presence.invalid',
  GIT_COMMITTER_NAME: 'presence',
  GIT_COMMITTER_EMAIL: 'presence@presence.invalid',
}

/** The content of a worktree, as git trees. */
export interface Trees {
  /** The files in the folder, without ignored ones. If the folder is gone, the same as `staged`. */
  readonly files: string
  /** The staged content. It may no longer be in any file. */
  readonly staged: string
}

/** Uses a copy of the index, so that nothing in the worktree changes. */
export async function treesOf(repository: Repository, worktree: Worktree): Promise<Trees> {
  const { admin, head, state } = worktree
  if (admin === undefined) throw new TypeError('the main worktree is never removed')
  const inside = insideOf(repository, worktree)
  const [index, copy] = [join(admin, 'index'), join(admin, `presence-index.${process.pid}`)]
  const env = { GIT_INDEX_FILE: copy }
  const run = (...args: readonly string[]) => inside.text([...LOOKING, ...WHOLE, ...args], { env })
  try {
    if (existsSync(index)) {
      copyFileSync(index, copy)
      // Very old, so that git reads every file. If an index is newer than its entries, git may treat a file
      // that changed in the same second as unchanged.
      utimesSync(copy, 1, 1)
    } else await run('read-tree', head ?? '--empty')
    const staged = await run('write-tree')
    if (state !== 'there') return { files: staged, staged }
    const hidden = await hiddenIn(inside)
    // One flag per call: if both are given, git applies only the last one.
    for (const flag of ['--no-skip-worktree', '--no-assume-unchanged'])
      if (hidden.length > 0) await run('update-index', flag, '--', ...hidden)
    await run('add', '--all', '--', '.')
    return { files: await run('write-tree'), staged }
  } finally {
    rmSync(copy, { force: true })
    rmSync(`${copy}.lock`, { force: true })
  }
}

/**
 * Commits trees in the form of a stash (git-stash(1)), so that `git stash apply` can bring them back: the
 * files on top of the head, with what is staged as a second parent.
 */
export async function commitOf(
  { git }: Repository,
  role: string,
  { head }: Worktree,
  { files, staged }: Trees,
): Promise<string> {
  const message = `What was not committed in the worktree of ${role} when it was removed`
  const commit = (tree: string, ...parents: readonly string[]) =>
    git.text(['commit-tree', tree, ...parents.flatMap(parent => ['-p', parent]), '-m', message], {
      env: AUTHOR,
    })
  const parents = head === undefined ? [] : [head]
  return commit(files, ...parents, await commit(staged, ...parents))
}

/** Keeps a commit under a ref, and returns the ref. */
export async function keep({ git }: Repository, role: string, commit: string): Promise<string> {
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const ref = `refs/presence/abandoned/${role}-${stamp}-${commit.slice(0, 8)}`
  await git.text(['update-ref', '-m', 'presence: worktree removed', ref, commit])
  return ref
}
