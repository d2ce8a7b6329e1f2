import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/**
 * The top of the checkout (a repository or a linked worktree) that contains a folder; undefined outside a
 * checkout.
 */
export function checkoutTop(cwd: string): string | undefined {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder
    if (dirname(folder) === folder) return undefined
  }
}
