import { join } from 'node:path'
import { allowedRole, parseRole, type RoleRules, WORKTREES } from '@presence/core/internal'
import { type Refused, refuse, type Said } from './refusal.ts'
import type { Repository } from './repository.ts'

export function branchOf(role: string): string {
  return `agent/${role}/active`
}

export function folderOf({ main }: Repository, role: string): string {
  return join(main, WORKTREES, role)
}

/** The folder of a role's worktree, which need not exist. Refuses a text that can't be a role. */
export function folderOfRole(repository: Repository, role: string): Said<{ readonly path: string }> {
  return refusedRole(role) ?? { ok: true, path: folderOf(repository, role) }
}

/**
 * Refuses a text that can't be a role.
 * @param rules if given, also refuses a role that these rules don't allow
 */
export function refusedRole(role: string, rules?: RoleRules): Refused | undefined {
  const checked = rules === undefined ? parseRole(role) : allowedRole(role, rules)
  if (checked.ok) return undefined
  const { code, message, remedy } = checked.refusal
  return refuse(code === 'unknown_role' ? code : 'invalid_role', message, remedy)
}
