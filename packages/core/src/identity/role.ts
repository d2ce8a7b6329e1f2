import type { Environment } from '../config/folders.ts'
import { ROLE_LENGTH_MAX } from '../domain/limits.ts'
import { hasControl, lengthOf } from '../domain/text.ts'

/** `CLAUDE_INSTANCE_ID` is what a session in a worktree of its own is told its role by. */
const VARIABLES = ['PRESENCE_ROLE', 'CLAUDE_INSTANCE_ID']

/** What the session is there for, as its environment says; undefined where that is blank or no name. */
export function roleOf(env: Environment): string | undefined {
  return VARIABLES.map(variable => env[variable]?.trim() ?? '').find(
    role => role !== '' && role.isWellFormed() && !hasControl(role) && lengthOf(role) <= ROLE_LENGTH_MAX,
  )
}
