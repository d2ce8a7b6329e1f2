/**
 * Git worktrees of roles: a folder and a branch for each role of a project, so that several sessions can work in one
 * repository. Nothing here prints or asks: a call returns an answer or a refusal, or throws a fault. The calls that
 * change something wait for each other, also across processes.
 *
 * @packageDocumentation
 */

export { addWorktree, mergeWorktree, removeWorktree } from './changes.ts'
export { leftovers, type RoleWorktree, roleWorktrees } from './list.ts'
export type { Merged } from './merge.ts'
export { type Outlook, outlookOn } from './outlook.ts'
export { givenId, type Plan, planOf } from './plan.ts'
export { type Refusal, type Refused, refuse } from './refusal.ts'
export type { Removed } from './remove.ts'
export { openRepository, type Repository } from './repository.ts'
export { folderOfRole } from './role.ts'
export { claimsAt, type Present, sessionsAt } from './sessions.ts'
