import { existsSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import { checkoutTop } from '../config/checkout.ts'
import { commonFolder, ownFolder, real, valueIn } from './place.ts'

/** The folder in the main worktree that has the roles' worktrees. */
export const WORKTREES = '.worktrees'

/** The worktree that a folder is in. */
export interface Checkout {
  readonly top: string
  /** The main worktree's folder; undefined where the repository's files don't tell. */
  readonly main: string | undefined
  /** Whose worktree it is: that of `.worktrees/<role>`. */
  readonly role: string | undefined
  /** The git address that was set in this worktree alone. */
  readonly email: string | undefined
}

/**
 * Which worktree a folder is in, read off the repository's files, as `placeOf` does. A submodule is part of the worktree
 * around it. Undefined outside of a repository, and where it can't be read.
 */
export function checkoutOf(cwd: string): Checkout | undefined {
  try {
    for (let top = checkoutTop(cwd); top !== undefined; top = above(top)) {
      const own = ownFolder(join(top, '.git'))
      if (own !== undefined && !isSubmodule(own)) return described(top, own)
    }
  } catch {
    // A folder that may not be looked into.
  }
  return undefined
}

function above(top: string): string | undefined {
  return dirname(top) === top ? undefined : checkoutTop(dirname(top))
}

/** A submodule's repository is kept in its superproject's: `.git/modules/<name>`, `.git/worktrees/<id>/modules/<name>`. */
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
