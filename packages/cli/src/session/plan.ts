import { hostname } from 'node:os'
import {
  allowedRole,
  checkoutOf,
  fileNameOf,
  judgeRole,
  type RoleRules,
  worksInMain,
} from '@presence/core/internal'
import { environmentOf } from '../running/tokens.ts'
import { addWorktree } from '../worktree/add.ts'
import { alone } from '../worktree/lock.ts'
import { refuse, type Said } from '../worktree/refusal.ts'
import type { Repository } from '../worktree/repository.ts'
import { refusedRole } from '../worktree/say.ts'

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
  readonly notes: readonly string[]
}

/** Variables that name a session's role. */
const ROLE_VARIABLES = ['PRESENCE_ROLE', 'CLAUDE_INSTANCE_ID'] as const

/** Prepares the worktree of a role and its identity. */
export async function planOf(
  repository: Repository,
  role: string,
  {
    rules,
    env,
    say,
  }: { readonly rules: RoleRules; readonly env: Environment; readonly say: (line: string) => void },
): Promise<Said<{ readonly plan: Plan }>> {
  const allowed = allowedRole(role, rules)
  if (!allowed.ok) return refusedRole(allowed)
  const other = otherRole(role, env)
  if (other && rules.strictIdentity)
    return refuse(
      'wrong_identity',
      `${other}, but this session is for ${role}`,
      'unset the variable, or start the role that it names',
    )
  const added = worksInMain(role, rules)
    ? { ok: true as const, path: repository.main, notes: [] }
    : await alone(repository, say, () => addWorktree(repository, role, undefined))
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

/** The id that this shell or its caller gave to a session of this role, if any. */
export function givenId(given: string | undefined, role: string, env: Environment): string | undefined {
  const id = env['PRESENCE_SESSION_ID']
  if (given !== undefined || !id || id === env['PRESENCE_HOOK_SESSION_ID']) return given
  return otherRole(role, env) ? undefined : id
}

/** The environment of an agent in this session. */
export function environmentFor(
  { role }: Plan,
  sessionId: string,
  env: Environment,
  dsn: string | undefined,
): Readonly<Record<string, string | undefined>> {
  return {
    ...environmentOf(env, dsn),
    PRESENCE_SESSION_ID: sessionId,
    PRESENCE_ROLE: role,
    CLAUDE_INSTANCE_ID: role,
    // If another agent started this one, its hooks set this variable to that agent's id, not to this
    // session's.
    PRESENCE_HOOK_SESSION_ID: undefined,
  }
}
