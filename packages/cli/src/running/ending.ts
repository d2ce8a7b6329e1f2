import { sleep } from '@presence/core/internal'
import { Family } from './processes.ts'

const LOOKED_AT_EVERY_MS = 200
/** How many times SIGKILL is sent: a process that was just being started is found only by the next look. */
const KILLS_MAX = 5

/**
 * Ends a process and everything that it started: sends SIGTERM, and after a grace period SIGKILL to what is
 * left. The whole family gets the signal, because a shell that gets it alone ends and leaves its children
 * running.
 *
 * @returns the ids of processes that could not be ended because they belong to another user
 */
export async function endFamily(root: number, graceMs: number): Promise<readonly number[]> {
  const family = new Family(root)
  const from = performance.now()
  family.signal('SIGTERM')
  // A stopped process (Ctrl-Z) handles SIGTERM only once it is continued.
  family.signal('SIGCONT')
  while (family.living().length > 0 && performance.now() - from < graceMs) await sleep(LOOKED_AT_EVERY_MS)
  for (let at = 0; at < KILLS_MAX && family.living().length > 0; at++) {
    family.signal('SIGKILL')
    await sleep(LOOKED_AT_EVERY_MS)
  }
  return family.living()
}
