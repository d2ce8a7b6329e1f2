import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** The top of the checkout (a repository's folder, or a worktree's) that a folder is in; undefined where it is in none. */
export function checkoutTop(cwd: string): string | undefined {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder
    if (dirname(folder) === folder) return undefined
  }
}
