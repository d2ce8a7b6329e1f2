import { makeHeartbeatDue, stateFolder } from '@presence/core/internal'
import type { Io } from './io.ts'

/**
 * Call this after a command changed what its session holds. It makes a heartbeat due, so the agent's next
 * hook updates the status line.
 */
export function holdingsChanged({ env }: Io): void {
  const agentSession = env['CLAUDE_CODE_SESSION_ID'] || env['CLAUDE_SESSION_ID']
  if (agentSession) makeHeartbeatDue(stateFolder(env), agentSession)
}
