import { existsSync, lstatSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { checkoutTop } from './checkout.ts'
import { commonFolder, ownFolder, real, valueIn } from './git-files.ts'
import { readBounded } from './read-bounded.ts'
import { otherOwner } from './writers.ts'

const BYTES_MAX = 8_192

/** Where the main worktree of a linked worktree is, or that this is unknown. */
export type MainWorktree =
  | {
      /** The top of the linked worktree. */
      readonly worktree: string
      /** The folder of the main worktree that corresponds to the given one. It may not exist. */
      readonly counterpart: string
      /** Why another user decides which main worktree it is. */
      readonly others?: string
    }
  | LostWorktree

/** A checkout whose main worktree is unknown. */
export type LostWorktree = {
  readonly worktree: string
} & (
  | {
      /** The repository that the file `.git` names. It isn't there, or not for this user. */
      readonly lost: string
    }
  | {
      /** The repository doesn't name this worktree, which may have been moved. Anybody can write a `.git` file. */
      readonly unnamed: true
    }
)

type Main = { readonly folder: string; readonly others?: string } | LostWorktree

/**
 * Finds the main worktrees for a folder from the repositories' files, the nearest first. There may be several,
 * because a submodule or another repository may lie in a linked worktree. `GIT_DIR` doesn't count: git sets it for
 * its own hooks, and others set it for single commands.
 */
export function mainWorktreesOf(cwd: string): readonly MainWorktree[] {
  const found: MainWorktree[] = []
  for (let top = checkoutTop(cwd); top !== undefined; top = checkoutAbove(top)) {
    const main = mainOf(top)
    if (main === undefined) continue
    if (!('folder' in main)) found.push(main)
    else {
      const { folder, ...rest } = main
      found.push({ worktree: top, counterpart: join(folder, relative(top, resolve(cwd))), ...rest })
    }
  }
  return found
}

function checkoutAbove(top: string): string | undefined {
  return dirname(top) === top ? undefined : checkoutTop(dirname(top))
}

/** Undefined for a checkout that isn't a linked worktree, and if its main repository is bare. */
function mainOf(top: string): Main | undefined {
  const git = join(top, '.git')
  const own = ownFolderOf(git)
  if (own === undefined) return undefined
  if (!existsSync(own)) return { worktree: top, lost: own }
  const common = commonFolder(own)
  // In a linked worktree, git makes a file. A folder could name any repository, and none would name it.
  if (real(common) === real(own) || !lstatSync(git).isFile()) return undefined
  // Git sets this for a submodule: its repository is elsewhere, in that of the repository around it.
  const set = valueIn(join(common, 'config'), '[core]', 'worktree')
  if (set === undefined && basename(common) !== '.git') return undefined
  const folder = set === undefined ? dirname(common) : resolve(common, set)
  if (!isNamed(top, own, common) || !isMain(folder, common)) return { worktree: top, unnamed: true }
  const others = otherOwner([git, own, common])
  return others === undefined ? { folder } : { folder, others }
}

/** Whether the repository itself names the worktree, in the one place where git does so. */
function isNamed(top: string, own: string, common: string): boolean {
  try {
    if (real(dirname(real(own))) !== real(join(common, 'worktrees'))) return false
    const named = resolve(own, readBounded(join(own, 'gitdir'), BYTES_MAX).trim())
    return basename(named) === '.git' && real(dirname(named)) === real(top)
  } catch {
    return false
  }
}

/** Whether a folder is the main worktree of a repository: a repository could name any folder as its own. */
function isMain(folder: string, common: string): boolean {
  const its = ownFolderOf(join(folder, '.git'))
  return its !== undefined && real(its) === real(common)
}

/** Undefined if it is no folder and names none. */
function ownFolderOf(git: string): string | undefined {
  try {
    return ownFolder(git)
  } catch {
    return undefined
  }
}
