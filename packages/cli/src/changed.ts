import { makeHeartbeatDue, stateFolder } from '@presence/core'
import type { Io } from './io.ts'

/** An agent's command has changed what its session holds: the hook after it sees to the status line. */
export function holdingsChanged({ env }: Io): void {
  const agentSession = env['CLAUDE_CODE_SESSION_ID'] || env['CLAUDE_SESSION_ID']
  if (agentSession) makeHeartbeatDue(stateFolder(env), agentSession)
}
