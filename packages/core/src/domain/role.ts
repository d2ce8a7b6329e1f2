import { nearest } from './nearest.ts'
import { accept, type Checked, refuse } from './refusal.ts'
import { cutTo, oneLine } from './text.ts'

/**
 * A role is part of a folder name, a branch name and a mail address, with the same spelling in each. So it
 * has no dot, slash, space or capital letter.
 */
export const ROLE_SHAPE = /^[a-z0-9][a-z0-9_-]{0,39}$/

/** The roles of a project, and its policy for sessions without one of them. */
export interface RoleRules {
  /** The roles by name. Undefined if the project defines none: then any role is allowed. */
  readonly roles?: Readonly<Record<string, RoleRule>>
  /** Whether the prompts of a session without one of the project's roles are blocked. */
  readonly strictIdentity: boolean
}

export interface RoleRule {
  /** Whether this role may work in the main worktree. */
  readonly main?: boolean
}

/** Parses the name of a role, as it appears in folders and branches. */
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
    message: `"${oneLine(cutTo(input, 40))}${input.length > 40 ? '…' : ''}" can't be a role: a role has at most 40 characters: lower-case letters, digits, - and _; it begins with a letter or a digit`,
    remedy: guess === undefined ? 'give it a short name, such as backend' : `did you mean ${guess}?`,
    ...(guess === undefined ? {} : { nearest: guess }),
  })
}

/** Parses a role, and refuses a role that the project's rules don't name, if they name any. */
export function allowedRole(input: string, { roles }: RoleRules): Checked<string> {
  const parsed = parseRole(input)
  if (!parsed.ok || roles === undefined || Object.hasOwn(roles, input)) return parsed
  const known = Object.keys(roles)
  const guess = nearest(input, known)
  return refuse({
    code: 'unknown_role',
    message: `${input} is not one of this project's roles: ${known.join(', ') || 'it has none'}`,
    remedy:
      guess === undefined
        ? 'take one of them, or add it to "roles" in .presence/config.json'
        : `did you mean ${guess}? Roles are named in "roles" of .presence/config.json`,
    ...(guess === undefined ? {} : { nearest: guess }),
  })
}

/** Whether this role may work in the main worktree. */
export function worksInMain(role: string, { roles }: RoleRules): boolean {
  return roles !== undefined && Object.hasOwn(roles, role) && roles[role]?.main === true
}
