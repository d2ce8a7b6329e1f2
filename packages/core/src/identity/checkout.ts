import { existsSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import { checkoutTop } from '../config/checkout.ts'
import { commonFolder, ownFolder, real, valueIn } from '../config/git-files.ts'

/** The folder in the main worktree that holds the roles' worktrees. */
export const WORKTREES = '.worktrees'

/** The worktree that a folder is in. */
export interface Checkout {
  readonly top: string
  /** The main worktree's folder; undefined if the repository's files don't tell. */
  readonly main: string | undefined
  /** The role that owns the worktree: its name in `.worktrees/<role>`. */
  readonly role: string | undefined
  /** The git address that is set for this worktree only. */
  readonly email: string | undefined
}

/**
 * Finds the worktree that a folder is in, from the repository's files, as `placeOf` does. A submodule counts
 * as part of the worktree around it. Undefined outside a repository, and if it can't be read.
 */
export function checkoutOf(cwd: string): Checkout | undefined {
  try {
    for (let top = checkoutTop(cwd); top !== undefined; top = above(top)) {
      const own = ownFolder(join(top, '.git'))
      if (own !== undefined && !isSubmodule(own)) return described(top, own)
    }
  } catch {
    // A folder on the way is not accessible: treat it as no checkout.
  }
  return undefined
}

function above(top: string): string | undefined {
  return dirname(top) === top ? undefined : checkoutTop(dirname(top))
}

/**
 * Git keeps a submodule's repository inside its superproject's: `.git/modules/<name>`,
 * `.git/worktrees/<id>/modules/<name>`.
 */
function isSubmodule(own: string): boolean {
  const inModules = own.split(sep).includes('modules')
  return inModules && valueIn(join(own, 'config'), '[core]', 'worktree') !== undefined
}

function described(top: string, own: string): Checkout {
  const common = commonFolder(own)
  const isMain = real(common) === real(own)
  const main = isMain ? real(top) : basename(common) === '.git' ? real(dirname(common)) : undefined
  const folder = real(top)
  const isOurs = !isMain && main !== undefined && dirname(folder) === join(main, WORKTREES)
  return {
    top: folder,
    main,
    role: isOurs && existsSync(own) ? basename(folder) : undefined,
    email: isMain ? undefined : valueIn(join(own, 'config.worktree'), '[user]', 'email'),
  }
}
