import { existsSync } from 'node:fs'
import { sessionFile } from '@presence/core/internal'
import type { Call } from '../respond.ts'

/** The events at which the end of a guarded command may be seen. */
const ENDS: ReadonlySet<string> = new Set(['PostToolUse', 'PostToolUseFailure', 'UserPromptSubmit'])

/**
 * True if the session waits for the end of a guarded command, so that the code which settles it is loaded. The
 * session's files may also be named after its agent, see `AgentSessions`.
 */
export function awaitsEnd(state: string, { adapter, event, payload }: Omit<Call, 'host'>): boolean {
  if (!ENDS.has(event)) return false
  const { sessionId } = adapter.read(payload, event)
  return (
    sessionId !== '' &&
    [sessionId, `${adapter.name}+${sessionId}`].some(id => existsSync(sessionFile(state, id, 'guarded')))
  )
}
