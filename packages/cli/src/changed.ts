import { makeHeartbeatDue, resolveIdentity, safeState } from '@presence/core/internal'
import type { Io } from './io.ts'

/**
 * Call this after a command changed what its session holds. It makes a heartbeat due, so the agent's next
 * hook updates the status line.
 */
export function holdingsChanged({ env }: Io): void {
  const identity = resolveIdentity(undefined, env)
  if (identity.ok && identity.value.file) makeHeartbeatDue(safeState(env), identity.value.file)
}
