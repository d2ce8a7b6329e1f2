import { lstatSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type LostWorktree, mainWorktreesOf } from './main-worktree.ts'

export const PROJECT_FILE = '.presence/config.json'

/** Where the config file of a project is. */
export interface FoundProject {
  /** The folder that contains `.presence/config.json`, readable or not. */
  readonly folder?: string
  /** The linked worktree that has no file of its own, if `folder` belongs to its main worktree. */
  readonly worktree?: string
  /** Why another user decides that `folder` belongs to the main worktree of `worktree`. */
  readonly others?: string
  /** The outermost folder on the way that can't be read, so that it may have a file. */
  readonly closed?: string
  /** A checkout whose main worktree is unknown, and may have a file. */
  readonly lost?: LostWorktree
}

/**
 * Finds the nearest folder that has a config file: the given one or one above it, or, for a linked worktree, the
 * corresponding one of the main worktree or one above that. Otherwise a worktree beside the main one would be on
 * another board whenever the file isn't committed.
 */
export function findProject(cwd: string): FoundProject {
  const own = upwardsFrom(cwd)
  if (own.folder !== undefined) return own
  let lost: FoundProject['lost']
  for (const main of mainWorktreesOf(cwd)) {
    if (!('counterpart' in main)) {
      lost ??= main
      continue
    }
    const found = upwardsFrom(main.counterpart)
    const closed = own.closed ?? found.closed
    if (found.folder !== undefined) {
      const { worktree, others } = main
      const more = {
        ...(others === undefined ? {} : { others }),
        ...(closed === undefined ? {} : { closed }),
      }
      return { folder: found.folder, worktree, ...more }
    }
  }
  return { ...own, ...(lost === undefined ? {} : { lost }) }
}

function upwardsFrom(start: string): Pick<FoundProject, 'folder' | 'closed'> {
  let seen: { closed?: string } = {}
  for (let folder = start; ; folder = dirname(folder)) {
    const code = codeAt(join(folder, PROJECT_FILE))
    // Either the config's own folder is closed, or the folder above it.
    const isThere =
      code === undefined || (isDenied({ code }) && codeAt(join(folder, '.presence')) === undefined)
    if (isThere) return { folder, ...seen }
    if (isDenied({ code })) seen = { closed: folder }
    if (dirname(folder) === folder) return seen
  }
}

/**
 * The error code for a path that can't be looked at; undefined if the path exists, even as a dangling link.
 */
export function codeAt(path: string): string | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ? undefined : 'ENOENT'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code
  }
}

export function isDenied(error: unknown): boolean {
  const { code } = (error ?? {}) as NodeJS.ErrnoException
  return code === 'EACCES' || code === 'EPERM'
}
