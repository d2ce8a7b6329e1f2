import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Git } from './git.ts'
import { lookInside } from './inside.ts'
import { operationIn, uncommittedIn } from './work.ts'

/** The paths at which the index records other repositories: submodules, checked out or not. */
async function gitlinksIn(git: Git): Promise<readonly string[]> {
  const links = (await git.parts(['ls-files', '--stage', '-z'])).filter(line => line.startsWith('160000 '))
  return links.map(line => line.slice(line.indexOf('\t') + 1))
}

/** Submodules that are checked out there. */
export async function submodulesIn(git: Git): Promise<readonly string[]> {
  return (await gitlinksIn(git)).filter(path => existsSync(join(git.folder, path, '.git')))
}

/**
 * Parts of a folder that would be deleted with it although git doesn't show them, or that can't be deleted.
 */
interface Held {
  /** Repositories that are not submodules of it: everything in them would be deleted. */
  readonly repositories: readonly string[]
  /** Folders that this user can't read, or whose content this user can't delete. */
  readonly closed: readonly string[]
}

/** A bare repository whose files are tracked counts as content of the repository around it. */
export async function heldIn(git: Git): Promise<Held> {
  const { repositories, bare, closed } = lookInside(git.folder, new Set(await submodulesIn(git)))
  const untracked: string[] = []
  for (const path of bare.filter(each => !bare.some(other => each !== other && each.startsWith(other))))
    if (!(await git.holds(['--literal-pathspecs', 'ls-files', '--error-unmatch', '--', `${path}HEAD`])))
      untracked.push(path)
  return { repositories: [...repositories, ...untracked], closed }
}

/**
 * What exists only in submodules. Their repositories are in the worktree's own part of the repository (its
 * `modules` folder), so their commits, stashes and changes are deleted with it. Git doesn't look at a
 * submodule that is not checked out.
 *
 * @returns one line each, in words
 */
export async function submoduleWork(git: Git): Promise<readonly string[]> {
  const found: string[] = []
  for (const path of await gitlinksIn(git)) {
    const folder = join(git.folder, path)
    if (!existsSync(join(folder, '.git'))) {
      if (hasEntries(folder)) found.push(`${path}: files, though it is not checked out`)
      continue
    }
    const own = repositoryOf(folder)
    const lines = await heldBy(git.at(folder, own), own)
    found.push(...lines.map(line => `${path}${line}`))
  }
  return found
}

async function heldBy(inside: Git, own: string): Promise<readonly string[]> {
  const operation = operationIn(own)
  const changed = await uncommittedIn(inside, 'dirty')
  const commits = await inside.found(['rev-list', '--count', '--all', 'HEAD', '--not', '--remotes', '--'])
  const { repositories, closed } = await heldIn(inside)
  const nested = await submoduleWork(inside)
  return [
    ...(operation ? [`: ${operation.what}`] : []),
    ...(changed.length > 0 ? [': uncommitted changes'] : []),
    ...(commits === '0' ? [] : [': commits that no remote has']),
    ...repositories.map(each => `/${each}: a repository`),
    ...closed.map(each => `/${each}: can't be read, or can't be deleted`),
    ...nested.map(each => `/${each}`),
  ]
}

/**
 * The repository that a folder's `.git` is or points to. Named explicitly, because git would follow what the
 * repository records about its folder, which may have moved.
 */
function repositoryOf(folder: string): string {
  const file = join(folder, '.git')
  if (statSync(file).isDirectory()) return file
  const target = /^gitdir: (.+)$/m.exec(readFileSync(file, 'utf8'))?.[1]
  return target === undefined ? file : resolve(folder, target)
}

function hasEntries(folder: string): boolean {
  try {
    return readdirSync(folder).length > 0
  } catch {
    return false
  }
}

/**
 * Repositories of submodules that no file points to any more (`git submodule deinit`, or another branch).
 * They are still in the worktree's own part of the repository, with what was committed in them.
 *
 * @returns one line each, in words
 */
export async function leftModules(git: Git, admin: string): Promise<readonly string[]> {
  const found: string[] = []
  for (const folder of gitFoldersIn(join(admin, 'modules'))) {
    // The folder of its files may be gone, but git can still say what is committed and staged.
    const inside = git.at(git.folder, folder)
    const own = await inside.found(['rev-list', '--count', '--all', 'HEAD', '--not', '--remotes', '--'])
    if (own !== '0') found.push(`${folder}: commits that no remote has`)
    // Without an index nothing was ever checked out.
    const staged = existsSync(join(folder, 'index'))
    if (staged && !(await inside.holds(['diff', '--cached', '--quiet', '--ignore-submodules=dirty'])))
      found.push(`${folder}: staged changes`)
  }
  return found
}

function gitFoldersIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  if (existsSync(join(folder, 'HEAD')) && existsSync(join(folder, 'objects')))
    return [folder, ...gitFoldersIn(join(folder, 'modules'))]
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .flatMap(({ name }) => gitFoldersIn(join(folder, name)))
}
