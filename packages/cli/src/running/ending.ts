import { Family } from './processes.ts'

const LOOKED_AT_EVERY_MS = 200
/** How often what was killed is looked for again: what was just being started is found the second time. */
const KILLS_MAX = 5

/**
 * Ends a process and all that it started: asks them to (SIGTERM), and after a time of grace kills what is left (SIGKILL).
 * All of them: a shell that is asked alone ends, and what it had started goes on.
 *
 * @returns the ids of those that could not be ended: another user's
 */
export async function endFamily(root: number, graceMs: number): Promise<readonly number[]> {
  const family = new Family(root)
  const from = performance.now()
  family.signal('SIGTERM')
  // Whatever is stopped (Ctrl-Z) hears it only when it goes on.
  family.signal('SIGCONT')
  while (family.living().length > 0 && performance.now() - from < graceMs) await pause()
  for (let at = 0; at < KILLS_MAX && family.living().length > 0; at++) {
    family.signal('SIGKILL')
    await pause()
  }
  return family.living()
}

function pause(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, LOOKED_AT_EVERY_MS))
}
