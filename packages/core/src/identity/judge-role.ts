import { join } from 'node:path'
import { nameOf, quoted } from '../domain/agent-text.ts'
import { allowedRole, type RoleRules, worksInMain } from '../domain/role.ts'
import { type Checkout, WORKTREES } from './checkout.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** A session's role, and what is wrong with it. */
export interface JudgedRole {
  /** Undefined if no role is given, or if the given one isn't valid here. */
  readonly role: string | undefined
  readonly problem?: RoleProblem
}

interface RoleProblem {
  /**
   * `identity`: the session has none of the project's roles. `place`: it works in the wrong folder for its
   * role.
   */
  readonly about: 'identity' | 'place'
  readonly message: string
  readonly remedy: string
  /** True if the project blocks a session with this problem. */
  readonly blocks: boolean
}

const VARIABLES = ['PRESENCE_ROLE', 'CLAUDE_INSTANCE_ID'] as const

/**
 * Determines the role of a session: from its environment, else from the git address of its worktree. A pure
 * function: it reads nothing itself. A project that lists no roles requires none; there, the only problem
 * reported is work in another role's worktree.
 */
export function judgeRole(rules: RoleRules, env: Environment, checkout: Checkout | undefined): JudgedRole {
  const given = givenRole(env, checkout)
  if (given === undefined) return { role: undefined, ...(rules.roles ? { problem: unknown(rules) } : {}) }
  const allowed = allowedRole(given.role, rules)
  if (!allowed.ok) {
    if (rules.roles === undefined) return { role: undefined }
    const { remedy } = allowed.refusal
    const known = Object.keys(rules.roles).join(', ')
    return {
      role: undefined,
      problem: {
        about: 'identity',
        message: `${given.from} says ${quoted(given.role, 40)}, which is not one of this project's roles (${known})`,
        remedy: `${remedy}; presence session start <role> sets the role and starts in its folder`,
        blocks: rules.strictIdentity,
      },
    }
  }
  const problem = checkout && misplaced(given.role, rules, checkout)
  return { role: given.role, ...(problem ? { problem } : {}) }
}

function givenRole(env: Environment, checkout: Checkout | undefined) {
  for (const variable of VARIABLES) {
    const role = env[variable]?.trim()
    if (role) return { role, from: variable }
  }
  const { email } = checkout ?? {}
  const at = email?.indexOf('@') ?? -1
  if (email === undefined || at < 1) return undefined
  return { role: email.slice(0, at), from: "the worktree's git user.email" }
}

function unknown({ roles = {}, strictIdentity }: RoleRules): RoleProblem {
  return {
    about: 'identity',
    message: `no role is known for this session, and this project has roles (${Object.keys(roles).join(', ')})`,
    remedy: 'start it with: presence session start <role>; or set CLAUDE_INSTANCE_ID to one of them',
    blocks: strictIdentity,
  }
}

/**
 * Reports a session in a worktree that isn't its role's. Never blocks: a session may have to inspect work
 * where it is.
 */
function misplaced(
  role: string,
  rules: RoleRules,
  { top, main, role: owner }: Checkout,
): RoleProblem | undefined {
  if (main === undefined || owner === role) return undefined
  const inMain = top === main
  if (inMain && (rules.roles === undefined || worksInMain(role, rules))) return undefined
  if (owner === undefined && rules.roles === undefined) return undefined
  const right = worksInMain(role, rules) ? main : join(main, WORKTREES, role)
  const here = inMain ? 'the main worktree' : owner === undefined ? top : `the worktree of ${nameOf(owner)}`
  return {
    about: 'place',
    message: `this session is ${role} and works in ${here}; the folder of ${role} is ${right}`,
    remedy: `work in ${right}${right === main ? '' : ` (presence worktree add ${role} makes it)`}`,
    blocks: false,
  }
}
