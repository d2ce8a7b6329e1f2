import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { shellWord } from '@presence/core/internal'
import { lookInside, mountsIn } from './inside.ts'
import { type Refused, refuse } from './refusal.ts'
import { BEING_MADE, brokenWorktree, type Repository, reasonOf, type Worktree } from './repository.ts'
import { insideOf, operationIn } from './work.ts'

/** Refs that belong to one worktree and are deleted with it (gitrepository-layout(5)). */
const OWN_REFS = ['refs/worktree', 'refs/bisect', 'refs/rewritten']

/**
 * Refuses if a worktree can't be removed, or has something that would be lost and that presence can't keep
 * under a ref. No option overrides this.
 */
export async function obstacleTo(
  repository: Repository,
  worktree: Worktree,
  abandon: boolean,
): Promise<Refused | undefined> {
  const { path, state, locked, admin } = worktree
  if (locked === BEING_MADE && !abandon)
    return refuse(
      'half_made',
      `${path} is unfinished`,
      'if no git process is using it, run this again with --abandon',
    )
  if (locked !== undefined && locked !== BEING_MADE)
    return refuse(
      'locked',
      `${path} is locked${reasonOf(worktree)}`,
      `if the reason no longer holds: git worktree unlock ${shellWord(path)}`,
    )
  if (state === 'broken' || admin === undefined) return brokenWorktree(worktree)
  if (state === 'there')
    return (await unkeepable(repository, worktree, admin)) ?? (await undeletable(repository, worktree))
  const refused = await unkeepable(repository, worktree, admin)
  if (!refused) return undefined
  const { code, message, files } = refused.refusal
  const remedy = `if the folder was moved: git worktree repair <where it is>; to give up all of it: git worktree prune`
  return refuse(code, `${message}; the folder is gone`, remedy, files)
}

/** Refuses if the repository's part of a worktree contains something that would be deleted with it. */
async function unkeepable(
  repository: Repository,
  worktree: Worktree,
  admin: string,
): Promise<Refused | undefined> {
  const { path } = worktree
  const inside = insideOf(repository, worktree)
  const operation = operationIn(admin)
  if (operation)
    return refuse(
      'operation_in_progress',
      `${operation.what} is in progress in ${path}`,
      `finish it there, or end it: ${operation.ends}`,
    )
  const unmerged = await inside.parts(['ls-files', '--unmerged', '-z'])
  const conflicts = new Set(unmerged.map(line => line.slice(line.indexOf('\t') + 1)))
  if (conflicts.size > 0)
    return refuse(
      'operation_in_progress',
      `${path} has conflicts that are not resolved`,
      'resolve them there, and git add the files',
      [...conflicts],
    )
  const refs = await inside.text(['for-each-ref', '--format=%(refname)', ...OWN_REFS])
  if (refs !== '')
    return refuse(
      'unsaved_work',
      `${path} has refs of its own, which would be deleted with it: ${refs.replaceAll('\n', ', ')}`,
      `keep what you need (git -C ${shellWord(path)} branch <name> <ref>), then delete each of these refs: git -C ${shellWord(path)} update-ref -d <ref>`,
    )
  const modules = join(admin, 'modules')
  if (!existsSync(modules)) return undefined
  return refuse(
    'holds_repository',
    `${path} has repositories of submodules, which would be deleted with it: ${modules}`,
    `push or copy what you need from them, and delete them: git -C ${shellWord(path)} submodule deinit --all && rm -rf ${shellWord(modules)}`,
  )
}

/**
 * Refuses if the folder contains something that can't be deleted, or that would be lost although git doesn't
 * report it.
 */
async function undeletable(repository: Repository, worktree: Worktree): Promise<Refused | undefined> {
  const { path } = worktree
  const mounts = mountsIn(path)
  if (mounts.length > 0)
    return refuse(
      'holds_mount',
      `something is mounted in ${path}, and would be emptied`,
      'unmount it',
      mounts,
    )
  const { repositories, closed } = await lookInside(insideOf(repository, worktree))
  if (repositories.length > 0)
    return refuse(
      'holds_repository',
      `${path} has other repositories or submodules in it, which would be deleted with it and can't be kept`,
      'move them out of it, or delete them yourself',
      repositories,
    )
  if (closed.length === 0) return undefined
  return refuse(
    'not_deletable',
    `${path} has folders that you can't read, or can't delete from`,
    `make them writable for you: chmod -R u+rwX ${shellWord(path)}; or ask their owner to delete them`,
    closed,
  )
}
