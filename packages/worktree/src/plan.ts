import { hostname } from 'node:os'
import {
  checkoutOf,
  fileNameOf,
  givenToShell,
  judgeRole,
  type RoleRules,
  worksInMain,
} from '@presence/core/internal'
import { addWorktree } from './changes.ts'
import { refuse, type Said } from './refusal.ts'
import type { Repository } from './repository.ts'
import { refusedRole } from './role.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Where a role's session works, and under which identity. */
export interface Plan {
  readonly role: string
  readonly path: string
  /**
   * The role's own id on this host. It is the same at each start, so messages sent in between are still
   * waiting for it.
   */
  readonly sessionId: string
  /** What the user should know, one sentence each. */
  readonly notes: readonly string[]
}

/** Variables that name a session's role. */
const ROLE_VARIABLES = ['PRESENCE_ROLE', 'CLAUDE_INSTANCE_ID'] as const

/**
 * Prepares the folder in which a role's session works, a worktree unless the role works in the main one, and
 * the session's identity.
 *
 * @param options.rules the roles of the project
 * @param options.env the environment in which the session is started: it may name another role
 */
export async function planOf(
  repository: Repository,
  role: string,
  { rules, env }: { readonly rules: RoleRules; readonly env: Environment },
): Promise<Said<{ readonly plan: Plan }>> {
  const refused = refusedRole(role, rules)
  if (refused) return refused
  const other = otherRole(role, env)
  if (other && rules.strictIdentity)
    return refuse(
      'wrong_identity',
      `${other}, but this session is for ${role}`,
      'unset the variable, or start the role that it names',
    )
  const added = worksInMain(role, rules)
    ? { ok: true as const, path: repository.main, notes: [] }
    : await addWorktree(repository, role, { rules })
  if (!added.ok) return added
  const { path } = added
  const judged = judgeRole(rules, { CLAUDE_INSTANCE_ID: role }, checkoutOf(path))
  const notes = [
    ...added.notes,
    ...(other ? [`${other}; for this session it is set to ${role}`] : []),
    ...(judged.problem ? [`${judged.problem.message}; ${judged.problem.remedy}`] : []),
  ]
  const sessionId = `${role}@${hostname().split('.')[0]?.slice(0, 60)}@${fileNameOf(`${path}/${role}`).slice(2, 10)}`
  return { ok: true, plan: { role, path, sessionId, notes } }
}

/** Says which variable names another role. */
function otherRole(role: string, env: Environment): string | undefined {
  for (const variable of ROLE_VARIABLES) {
    const said = env[variable]?.trim()
    if (said && said !== role) return `${variable} says ${JSON.stringify(said.slice(0, 40))}`
  }
  return undefined
}

/** The id that this shell or its caller gave to a session of this role, if any. An agent's own id is not given on. */
export function givenId(given: string | undefined, role: string, env: Environment): string | undefined {
  if (given !== undefined) return given
  const id = givenToShell(env)
  return id === undefined || otherRole(role, env) ? undefined : id
}
