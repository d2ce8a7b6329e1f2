import { real } from './git-files.ts'
import { mainWorktreesOf } from './main-worktree.ts'

/**
 * The folder of the main worktree that corresponds to a folder of a linked one. Undefined outside of a linked
 * worktree, and if another user decides which main worktree that is.
 */
export function inMainWorktree(folder: string): string | undefined {
  for (const main of mainWorktreesOf(folder))
    if ('counterpart' in main && main.others === undefined) return real(main.counterpart)
  return undefined
}
