import type { Environment } from '../config/folders.ts'
import { ROLE_LENGTH_MAX } from '../domain/limits.ts'
import { hasControl, lengthOf } from '../domain/text.ts'

/** `CLAUDE_INSTANCE_ID` is set for a session in a worktree of its own. */
const VARIABLES = ['PRESENCE_ROLE', 'CLAUDE_INSTANCE_ID']

/** The session's role as its environment gives it; undefined if that is blank or not a valid name. */
export function roleOf(env: Environment): string | undefined {
  return VARIABLES.map(variable => env[variable]?.trim() ?? '').find(
    role => role !== '' && role.isWellFormed() && !hasControl(role) && lengthOf(role) <= ROLE_LENGTH_MAX,
  )
}
