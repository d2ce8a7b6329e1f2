import { lstatSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Git } from './git.ts'

/**
 * Files on disk where a merge of two commits would create new ones. Git keeps untracked files, but overwrites
 * ignored ones.
 *
 * @param ours the commit that is checked out
 * @param theirs the commit that is merged
 */
export async function coveredBy(git: Git, ours: string, theirs: string): Promise<readonly string[]> {
  const names = (filter: string) =>
    git.parts(['diff', '--name-only', '--no-renames', '-z', `--diff-filter=${filter}`, ours, theirs, '--'])
  const [added, deleted] = [await names('A'), new Set(await names('D'))]
  const found = new Set<string>()
  for (const path of added) {
    if (isOnDisk(join(git.folder, path))) found.add(path)
    for (let above = dirname(path); above !== '.'; above = dirname(above))
      if (!deleted.has(above) && isFile(join(git.folder, above))) found.add(above)
  }
  return [...found]
}

function isOnDisk(path: string): boolean {
  const found = statOf(path)
  return found !== undefined && !(found.isDirectory() && readdirSync(path).length === 0)
}

function isFile(path: string): boolean {
  return statOf(path)?.isDirectory() === false
}

function statOf(path: string) {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch {
    // Nothing can be below a file.
    return undefined
  }
}
