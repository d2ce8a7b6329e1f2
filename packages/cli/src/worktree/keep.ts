import { copyFileSync, existsSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { oneLine, PresenceError } from '@presence/core'
import type { Git } from './git.ts'
import type { Repository, Worktree } from './repository.ts'
import { hiddenIn, WHOLE, type Work } from './work.ts'

/** Who a commit is by where nobody set a name: it is kept all the same. */
const AUTHOR = {
  GIT_AUTHOR_NAME: 'presence',
  GIT_AUTHOR_EMAIL: 'presence@presence.invalid',
  GIT_COMMITTER_NAME: 'presence',
  GIT_COMMITTER_EMAIL: 'presence@presence.invalid',
}

/**
 * Keeps what a worktree has and nothing else has under a ref of its own, so that to remove the worktree loses nothing:
 * its files as they are (a commit on top of its head), and commits that no branch has.
 *
 * @returns the ref; undefined where there is nothing to keep
 */
export async function keepWork(
  { git }: Repository,
  role: string,
  worktree: Worktree,
  { uncommitted, unnamed }: Work,
): Promise<string | undefined> {
  const inside = git.in(worktree.path)
  const commit =
    uncommitted.length > 0 ? await snapshot(inside, role, worktree) : unnamed ? worktree.head : undefined
  if (commit === undefined) return undefined
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const ref = `refs/presence/abandoned/${role}-${stamp}-${commit.slice(0, 8)}`
  await git.text(['update-ref', '-m', 'presence: worktree removed', ref, commit])
  return ref
}

/** A commit of the files as they are, made with an index of its own: nothing in the worktree changes. */
async function snapshot(inside: Git, role: string, { admin, head }: Worktree): Promise<string> {
  if (admin === undefined) throw new TypeError('the main worktree is never removed')
  const index = join(admin, `presence-index.${process.pid}`)
  const env = { ...AUTHOR, GIT_INDEX_FILE: index }
  const message = `What was not committed in the worktree of ${role} when it was removed`
  const commit = async (tree: string, ...parents: readonly string[]) =>
    inside.text(
      ['commit-tree', tree, ...parents.flatMap(parent => ['-p', parent]), '-m', message].map(String),
      { env },
    )
  try {
    if (existsSync(join(admin, 'index'))) {
      copyFileSync(join(admin, 'index'), index)
      // As old as can be, so that every file is read: by a younger index git takes a change of the same moment for none.
      utimesSync(index, 1, 1)
    } else await inside.text(['read-tree', head ?? '--empty'], { env })
    const parents = head === undefined ? [] : [head]
    // What was staged may be in no file any more.
    const staged = await inside.found(['write-tree'])
    const hidden = await hiddenIn(inside)
    // One flag a call: of two, git minds the last.
    for (const how of ['--no-skip-worktree', '--no-assume-unchanged', '--add'])
      if (hidden.length > 0) await inside.text([...WHOLE, 'update-index', how, '--', ...hidden], { env })
    // What a sparse checkout left out is no deletion, and what is there all the same is kept.
    await inside.text([...WHOLE, 'add', '--all', '--', '.'], { env })
    const tree = await inside.text(['write-tree'], { env })
    await checkWhole(inside, tree, env)
    const before = head && (await inside.text(['rev-parse', `${head}^{tree}`]))
    if (staged === undefined || staged === tree || staged === before) return await commit(tree, ...parents)
    return await commit(tree, ...parents, await commit(staged, ...parents))
  } finally {
    rmSync(index, { force: true })
  }
}

/** Compares every file with the tree, by an index that knows nothing of the files yet. @throws PresenceError where one differs */
async function checkWhole(inside: Git, tree: string, env: Readonly<Record<string, string>>): Promise<void> {
  await inside.text([...WHOLE, 'read-tree', tree], { env })
  const comparing = ['-c', 'diff.autoRefreshIndex=true', 'diff', '--name-only', '-z', '--no-ext-diff']
  // What is in the tree and not there was left out by a sparse checkout.
  const differ = await inside.parts([...WHOLE, ...comparing, '--no-renames', '--diff-filter=d'], { env })
  const others = await inside.parts([...WHOLE, 'ls-files', '--others', '--exclude-standard', '-z'], { env })
  const [first] = [...differ, ...others]
  if (first === undefined) return
  throw new PresenceError(
    'git_failed',
    `${oneLine(first)} in ${inside.folder} could not be kept as it is: nothing was removed`,
    'is somebody writing there? Commit it, or copy it elsewhere, and run it again',
  )
}
