import { copyFileSync, existsSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { oneLine, PresenceError } from '@presence/core'
import type { Git } from './git.ts'
import type { Repository, Worktree } from './repository.ts'
import { submodulesIn } from './submodules.ts'
import { hiddenIn, insideOf, WHOLE, type Work } from './work.ts'

/** The author of the commit, so that work is kept even if no name is configured. */
const AUTHOR = {
  GIT_AUTHOR_NAME: 'presence',
  GIT_AUTHOR_EMAIL: 'presence@presence.invalid',
  GIT_COMMITTER_NAME: 'presence',
  GIT_COMMITTER_EMAIL: 'presence@presence.invalid',
}

type Environment = Readonly<Record<string, string>>

/** What to keep, as trees. */
interface Trees {
  /** The files in the folder; undefined if the folder is gone. */
  readonly files: string | undefined
  /** What is staged: one tree, or with conflicts two, one for each side. */
  readonly staged: readonly string[]
}

/**
 * Keeps work that exists only in a worktree under a ref, so that removing the worktree loses nothing. The ref
 * is a commit of the current files on top of the head. Its further parents are the staged content, and what
 * only the worktree's own refs have.
 *
 * @returns the ref; undefined if there is nothing to keep
 */
export async function keepWork(
  repository: Repository,
  role: string,
  worktree: Worktree,
  work: Work,
): Promise<string | undefined> {
  const commit = await commitOf(insideOf(repository, worktree), role, worktree, work)
  if (commit === undefined) return undefined
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const ref = `refs/presence/abandoned/${role}-${stamp}-${commit.slice(0, 8)}`
  await repository.git.text(['update-ref', '-m', 'presence: worktree removed', ref, commit])
  return ref
}

async function commitOf(
  inside: Git,
  role: string,
  worktree: Worktree,
  { uncommitted, unnamed, ownRefs }: Work,
): Promise<string | undefined> {
  const { head } = worktree
  if (uncommitted.length === 0 && ownRefs.length === 0) return unnamed ? head : undefined
  const message = [
    `What was not committed in the worktree of ${role} when it was removed`,
    ...ownRefs.map(({ ref, object }) => `${ref} was at ${object}`),
  ].join('\n\n')
  const commit = (tree: string, parents: readonly string[]) =>
    inside.text(['commit-tree', tree, ...parents.flatMap(parent => ['-p', parent]), '-m', message], {
      env: AUTHOR,
    })
  const parents = head === undefined ? [] : [head]
  const before = head && (await inside.text(['rev-parse', `${head}^{tree}`]))
  const { files, staged } =
    uncommitted.length > 0 ? await treesOf(inside, worktree) : { files: undefined, staged: [] }
  const [tree = before, ...others] = [files, ...staged].filter(each => each !== undefined)
  if (tree === undefined) throw new TypeError('there is nothing to keep')
  const further = new Set(others.filter(each => each !== tree && each !== before))
  const kept: string[] = []
  for (const each of further) kept.push(await commit(each, parents))
  return commit(tree, [...new Set([...parents, ...kept, ...ownRefs.map(({ object }) => object)])])
}

/** Uses an index of its own, so that nothing in the worktree changes. */
async function treesOf(inside: Git, { admin, head, state }: Worktree): Promise<Trees> {
  if (admin === undefined) throw new TypeError('the main worktree is never removed')
  const index = join(admin, `presence-index.${process.pid}`)
  const env = { GIT_INDEX_FILE: index }
  const begin = async () => {
    if (existsSync(join(admin, 'index'))) {
      copyFileSync(join(admin, 'index'), index)
      // Makes the index very old, so that git reads every file. If the index is newer than its entries, git
      // may consider a file unchanged that was changed in the same moment as its entry.
      utimesSync(index, 1, 1)
    } else await inside.text(['read-tree', head ?? '--empty'], { env })
  }
  try {
    const staged = await stagedTrees(inside, env, begin)
    await begin()
    return { files: state === 'there' ? await filesTree(inside, env) : undefined, staged }
  } finally {
    rmSync(index, { force: true })
    rmSync(`${index}.lock`, { force: true })
  }
}

/** The staged content as trees. It may no longer be in any file. */
async function stagedTrees(
  inside: Git,
  env: Environment,
  begin: () => Promise<void>,
): Promise<readonly string[]> {
  await begin()
  const entries = (await inside.parts(['ls-files', '--unmerged', '-z'], { env })).map(line => {
    const [, mode = '', object = '', stage = '', path = ''] = /^(\d+) (\w+) (\d)\t(.*)$/s.exec(line) ?? []
    return { mode, object, stage, path }
  })
  if (entries.length === 0) return [await inside.text(['write-tree'], { env })]
  const trees: string[] = []
  for (const side of ['2', '3']) {
    await begin()
    const paths = [...new Set(entries.map(({ path }) => path))]
    await inside.text(['update-index', '--force-remove', '--', ...paths], { env })
    for (const { mode, object, path } of entries.filter(({ stage }) => stage === side))
      await inside.text(['update-index', '--add', '--cacheinfo', mode, object, path], { env })
    trees.push(await inside.text(['write-tree'], { env }))
  }
  return trees
}

async function filesTree(inside: Git, env: Environment): Promise<string> {
  const hidden = await hiddenIn(inside)
  // One flag per call, because git obeys only the last one of two.
  for (const how of ['--no-skip-worktree', '--no-assume-unchanged', '--add'])
    if (hidden.length > 0) await inside.text([...WHOLE, 'update-index', how, '--', ...hidden], { env })
  // Adds submodules by themselves, because `git add` would follow what they record about their folder, which
  // may have moved.
  const submodules = await submodulesIn(inside)
  if (submodules.length > 0)
    await inside.text([...WHOLE, 'update-index', '--add', '--', ...submodules], { env })
  const but = submodules.map(path => `:(exclude,literal)${path}`)
  // Files that a sparse checkout left out don't count as deleted. If such a file exists anyway, it is kept.
  await inside.text([...WHOLE, 'add', '--all', '--', '.', ...but], { env })
  const tree = await inside.text(['write-tree'], { env })
  await checkWhole(inside, tree, env)
  return tree
}

/**
 * Compares every file with the tree, using an index that has no information about the files yet.
 * @throws PresenceError if one differs
 */
async function checkWhole(inside: Git, tree: string, env: Environment): Promise<void> {
  await inside.text([...WHOLE, 'read-tree', tree], { env })
  const comparing = ['-c', 'diff.autoRefreshIndex=true', 'diff', '--name-only', '-z', '--no-ext-diff']
  const besides = ['--no-renames', '--ignore-submodules=dirty', '--diff-filter=d']
  // Without deletions: what is in the tree but not in the folder was left out by a sparse checkout.
  const differ = await inside.parts([...WHOLE, ...comparing, ...besides], { env })
  const others = await inside.parts([...WHOLE, 'ls-files', '--others', '--exclude-standard', '-z'], { env })
  const [first] = [...differ, ...others]
  if (first === undefined) return
  throw new PresenceError(
    'git_failed',
    `${oneLine(first)} in ${inside.folder} could not be saved unchanged: nothing was removed`,
    'check whether something is writing there; commit the file, or copy it elsewhere, and run it again',
  )
}
