import { basename, dirname, join } from 'node:path'
import type { SeenSession } from '@presence/core'
import { oneLine, shellWord, WORKTREES } from '@presence/core/internal'
import { baseOf, distance } from './base.ts'
import { namesIn, type Repository, type Worktree, worktreesOf } from './repository.ts'
import { type Present, sessionsAt } from './sessions.ts'
import { uncommittedIn } from './work.ts'

/** A role's worktree, as git and the board know it. */
export interface RoleWorktree {
  readonly role: string
  readonly worktree: Worktree
  /** The branch that it is compared with. */
  readonly base: string | undefined
  /**
   * The numbers of commits that only the worktree has (`ahead`) and that only the base has (`behind`);
   * undefined if there is nothing to compare with.
   */
  readonly ahead: number | undefined
  readonly behind: number | undefined
  /** True if there are uncommitted changes; undefined if git could not look. */
  readonly dirty: boolean | undefined
  /**
   * `active`: a session there was seen within 300 s. `stale`: sessions are there, but none was seen
   * within 300 s. `inactive`: no session is there. Undefined if the board doesn't answer.
   */
  readonly status: 'active' | 'stale' | 'inactive' | undefined
  readonly sessions: readonly SeenSession[]
}

/** The worktrees of roles, by name. */
export async function roleWorktrees(
  repository: Repository,
  present: Present,
): Promise<readonly RoleWorktree[]> {
  const folder = join(repository.main, WORKTREES)
  const own = (await worktreesOf(repository)).filter(({ path }) => dirname(path) === folder)
  const all = await Promise.all(own.map(worktree => look(repository, worktree, present)))
  return all.toSorted((a, b) => (a.role < b.role ? -1 : 1))
}

async function look(repository: Repository, worktree: Worktree, present: Present): Promise<RoleWorktree> {
  const { git } = repository
  const { path, head, state } = worktree
  const role = basename(path)
  const base = await baseOf(git, role)
  const [behind, ahead] = base && head ? await distance(git, base.ref, head) : [undefined, undefined]
  const sessions = sessionsAt(present, path)
  return {
    role,
    worktree,
    base: base?.name,
    ahead,
    behind,
    dirty: state === 'there' ? await isDirty(repository, path) : undefined,
    status: present.known ? statusOf(sessions) : undefined,
    sessions,
  }
}

/** Undefined if the worktree is being made or removed and can't be read. */
async function isDirty({ git }: Repository, path: string): Promise<boolean | undefined> {
  try {
    return (await uncommittedIn(git.in(path))).length > 0
  } catch {
    return undefined
  }
}

function statusOf(sessions: readonly SeenSession[]): 'active' | 'stale' | 'inactive' {
  if (sessions.some(({ stale }) => !stale)) return 'active'
  return sessions.length > 0 ? 'stale' : 'inactive'
}

/**
 * Names the folders that an older version left, and says what to do with them. It moved a worktree to
 * `.<role>-removed-<time>` before it deleted the files, and was stopped.
 */
export function leftovers({ main }: Repository, worktrees: readonly RoleWorktree[]): readonly string[] {
  const folder = join(main, WORKTREES)
  return namesIn(folder).flatMap(name => {
    const [, role] = /^\.(.+)-removed-\d+$/.exec(name) ?? []
    if (role === undefined) return []
    const path = join(folder, name)
    const isGone = worktrees.some(each => each.role === role && each.worktree.state === 'gone')
    const then = isGone
      ? `to restore the worktree: mv ${shellWord(path)} ${shellWord(join(folder, role))}`
      : `it is no longer a worktree: save what you need from it, and delete it`
    return [oneLine(`a removal of ${role} was interrupted, and left ${path}; ${then}`)]
  })
}
