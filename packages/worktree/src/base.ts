import type { Git } from './git.ts'
import { branchOf } from './role.ts'

/** The branch from which a role's branch began, and into which it is merged. */
export interface Base {
  /** The full ref that the work is compared with. */
  readonly ref: string
  /** The branch's short name, whether it is local or on the remote. */
  readonly name: string
}

/** `git config` removes this key together with the branch. */
function keyOf(role: string): string {
  return `branch.${branchOf(role)}.presenceBase`
}

function startKeyOf(role: string): string {
  return `branch.${branchOf(role)}.presenceStart`
}

/** The ref for a name: a branch of this repository, a branch of the remote, a tag, or else a commit. */
export async function refOf(git: Git, name: string): Promise<string | undefined> {
  for (const ref of [`refs/heads/${name}`, `refs/remotes/origin/${name}`])
    if (await git.hasRef(ref)) return ref
  const full = await git.found([
    'rev-parse',
    '--symbolic-full-name',
    '--verify',
    '--quiet',
    '--end-of-options',
    name,
  ])
  if (full?.startsWith('refs/')) return full
  return git.commitAt(name)
}

/** The branch to begin from if none is named: `main`, else the remote's default branch, else `master`. */
export async function defaultBranch(git: Git): Promise<string | undefined> {
  const head = await git.found(['symbolic-ref', '--quiet', 'refs/remotes/origin/HEAD'])
  const remote = head?.replace('refs/remotes/origin/', '')
  for (const name of ['main', ...(remote ? [remote] : []), 'master']) if (await refOf(git, name)) return name
  return undefined
}

/**
 * Records where a role's branch began. Only a branch is recorded as base, because nothing else can be merged
 * into.
 */
export async function noteBase(git: Git, role: string, ref: string, commit: string): Promise<void> {
  if (isBranch(ref)) await git.text(['config', keyOf(role), ref])
  await git.text(['config', startKeyOf(role), commit])
}

/**
 * The commit at which a role's branch began, if it was recorded and still exists. The history up to it is not
 * the role's work.
 */
export async function beganAt(git: Git, role: string): Promise<readonly string[]> {
  const noted = await git.found(['config', startKeyOf(role)])
  const commit = noted && (await git.commitAt(noted))
  return commit ? [commit] : []
}

/** The branch that a role's branch is compared with; undefined if it no longer exists. */
export async function baseOf(git: Git, role: string): Promise<Base | undefined> {
  const noted = await git.found(['config', keyOf(role)])
  if (noted && (await git.hasRef(noted))) return { ref: noted, name: nameOf(noted) }
  for (const name of [noted === undefined ? undefined : nameOf(noted), await defaultBranch(git)]) {
    const ref = name === undefined ? undefined : await refOf(git, name)
    if (name !== undefined && ref !== undefined) return { ref, name }
  }
  return undefined
}

function isBranch(ref: string): boolean {
  return ref.startsWith('refs/heads/') || ref.startsWith('refs/remotes/origin/')
}

function nameOf(ref: string): string {
  return ref.replace(/^refs\/(heads|remotes\/origin)\//, '')
}

/**
 * The refs of the base: the local branch, and the remote's branch as last fetched. Commits in either are not
 * lost.
 */
export async function sidesOf(git: Git, { ref, name }: Base): Promise<readonly string[]> {
  const refs = [...new Set([ref, `refs/heads/${name}`, `refs/remotes/origin/${name}`])]
  const there = await Promise.all(refs.map(each => git.hasRef(each)))
  return refs.filter((_, at) => there[at])
}

/** True if the base contains the commit. */
export async function isMerged(git: Git, commit: string, base: Base): Promise<boolean> {
  for (const ref of await sidesOf(git, base)) if (await git.isIn(commit, ref)) return true
  return false
}

/** How many commits are only in the first, and only in the second. */
export async function distance(git: Git, from: string, to: string): Promise<readonly [number, number]> {
  const counts = await git.found(['rev-list', '--left-right', '--count', `${from}...${to}`, '--'])
  const [left = 0, right = 0] = (counts ?? '').split('\t').map(Number)
  return [left, right]
}
