import type { RoleRules } from '@presence/core/internal'
import { type Added, add } from './add.ts'
import { alone } from './lock.ts'
import { type Merged, mergeBranch } from './merge.ts'
import type { Asked, Outlook } from './outlook.ts'
import type { Said } from './refusal.ts'
import { type Removed, remove } from './remove.ts'
import type { Repository } from './repository.ts'
import { refusedRole } from './role.ts'

/**
 * Makes a role's worktree, or what is missing in an existing one.
 *
 * @param options.rules the roles of the project
 * @param options.from the branch, tag or commit that a new branch begins from (default: `main`, or else the
 * default branch of the remote)
 * @throws PresenceError if it can't be made; it says what is left behind
 */
export async function addWorktree(
  repository: Repository,
  role: string,
  options: { readonly rules: RoleRules; readonly from?: string | undefined },
): Promise<Said<Added>> {
  return refusedRole(role, options.rules) ?? alone(repository, () => add(repository, role, options.from))
}

/**
 * Merges a role's branch into the branch that it began from. Refuses if there is a conflict; then nothing is
 * changed.
 *
 * @throws PresenceError if git fails; it says what was changed
 */
export async function mergeWorktree(repository: Repository, role: string): Promise<Said<Merged>> {
  return refusedRole(role) ?? alone(repository, () => mergeBranch(repository, role))
}

/**
 * Removes a role's worktree, and its branch if all of it is merged. Work that only the worktree had is kept
 * under a ref.
 *
 * @param before what `outlookOn` found. The user has agreed to what is unsaved there, or asked for `abandon`.
 * @throws PresenceError if the worktree can't be removed; it says what was done before
 */
export function removeWorktree(
  repository: Repository,
  before: Outlook,
  asked: Asked,
): Promise<Said<Removed>> {
  return alone(repository, () => remove(repository, before, asked))
}
