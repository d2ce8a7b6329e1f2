import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Git } from './git.ts'
import { operationIn, repositoriesIn, uncommittedIn } from './work.ts'

/** Submodules that are checked out there. */
export async function submodulesIn(git: Git): Promise<readonly string[]> {
  const links = (await git.parts(['ls-files', '--stage', '-z'])).filter(line => line.startsWith('160000 '))
  return links
    .map(line => line.slice(line.indexOf('\t') + 1))
    .filter(path => existsSync(join(git.folder, path, '.git')))
}

/**
 * What submodules hold that is nowhere else: their repositories are part of the worktree's own (`modules` in it), so that
 * commits, stashes and changes go with it.
 *
 * @returns a line each, in words
 */
export async function submoduleWork(git: Git): Promise<readonly string[]> {
  const found: string[] = []
  for (const path of await submodulesIn(git)) {
    const inside = git.in(join(git.folder, path))
    const changed = await uncommittedIn(inside)
    const own = await inside.found(['rev-list', '--count', '--all', 'HEAD', '--not', '--remotes', '--'])
    const others = await repositoriesIn(inside, [])
    const nested = await submoduleWork(inside)
    const operation = operationIn(await inside.text(['rev-parse', '--absolute-git-dir']))
    if (operation) found.push(`${path}: ${operation.what}`)
    if (changed.length > 0) found.push(`${path}: uncommitted changes`)
    if (own !== '0') found.push(`${path}: commits that no remote has`)
    found.push(
      ...others.map(each => `${path}/${each}: a repository`),
      ...nested.map(each => `${path}/${each}`),
    )
  }
  return found
}

/**
 * Repositories of submodules that no file leads to any more (`git submodule deinit`, another branch): they are still in the
 * worktree's own part of the repository, with what was committed in them.
 *
 * @returns a line each, in words
 */
export async function leftModules(git: Git, admin: string): Promise<readonly string[]> {
  const found: string[] = []
  for (const folder of gitFoldersIn(join(admin, 'modules'))) {
    // Where its files were may be gone: history can be asked all the same.
    const asked = ['--git-dir', folder, '-c', 'core.worktree=', '-c', 'core.bare=true', 'rev-list', '--count']
    const own = await git.found([...asked, '--all', 'HEAD', '--not', '--remotes', '--'])
    if (own !== '0') found.push(`${folder}: commits that no remote has`)
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
