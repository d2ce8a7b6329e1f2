import { nearest } from './nearest.ts'
import { accept, type Checked, refuse } from './refusal.ts'
import { cutTo, oneLine } from './text.ts'

/** A role is part of a folder's name, a branch's and a mail address, everywhere the same: so no dot, slash, space or capital. */
export const ROLE_SHAPE = /^[a-z0-9][a-z0-9_-]{0,39}$/

/** Which roles a project has, and what it does about a session that has none of them. */
export interface RoleRules {
  /** By their names; undefined where the project doesn't say, and any is one. */
  readonly roles?: Readonly<Record<string, RoleRule>>
  /** A session without a role of the project's gets no further than its start. */
  readonly strictIdentity: boolean
}

export interface RoleRule {
  /** It may work in the main worktree. */
  readonly main?: boolean
}

/** A role's name, as it stands in folders and branches. */
export function parseRole(input: string): Checked<string> {
  if (ROLE_SHAPE.test(input)) return accept(input)
  const near = input
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .trim()
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, '-')
    .replaceAll(/^[-_]+|-+$/g, '')
  const guess = ROLE_SHAPE.test(near) ? near : undefined
  return refuse({
    code: 'invalid_role',
    message: `"${oneLine(cutTo(input, 40))}${input.length > 40 ? '…' : ''}" can not be a role: it has lower-case letters, digits, - and _, begins with a letter or a digit, and has at most 40 of them`,
    remedy: guess === undefined ? 'give it a short name, such as backend' : `did you mean ${guess}?`,
    ...(guess === undefined ? {} : { nearest: guess }),
  })
}

/** A role of this project: named by its rules, where they name any. */
export function allowedRole(input: string, { roles }: RoleRules): Checked<string> {
  const parsed = parseRole(input)
  if (!parsed.ok || roles === undefined || Object.hasOwn(roles, input)) return parsed
  const known = Object.keys(roles)
  const guess = nearest(input, known)
  return refuse({
    code: 'unknown_role',
    message: `${input} is none of this project's roles: ${known.join(', ') || 'it has none'}`,
    remedy:
      guess === undefined
        ? 'take one of them, or add it to "roles" in .presence/config.json'
        : `did you mean ${guess}? Roles are named in "roles" of .presence/config.json`,
    ...(guess === undefined ? {} : { nearest: guess }),
  })
}

/** May this role work in the main worktree? */
export function worksInMain(role: string, { roles }: RoleRules): boolean {
  return roles !== undefined && Object.hasOwn(roles, role) && roles[role]?.main === true
}
