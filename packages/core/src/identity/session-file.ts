import { utimesSync } from 'node:fs'
import { join } from 'node:path'
import { fnv1a } from '../domain/fnv.ts'

/** The files that the hooks keep for a session. All are removed when it ends. */
export const SESSION_PARTS = [
  'beat',
  'board',
  'due',
  'guarded',
  'lock',
  'mcp',
  'names',
  'now',
  'line',
  'once',
  'paused',
  'shown',
  'tasks',
  'told',
  'who',
] as const

/** The file in which the hooks keep one part of what they know about an agent's session. */
export function sessionFile(
  stateFolder: string,
  agentSession: string,
  part: (typeof SESSION_PARTS)[number],
): string {
  return join(stateFolder, 'hooks', `${fileNameOf(agentSession)}.${part}`)
}

/**
 * Makes the agent's next hook send a heartbeat at once, because the session's claims have changed, and so
 * have its status line and its co-claims. Does nothing if none of the session's hooks has run.
 */
export function makeHeartbeatDue(stateFolder: string, agentSession: string): void {
  for (const part of ['beat', 'due'] as const)
    try {
      utimesSync(sessionFile(stateFolder, agentSession, part), 0, 0)
    } catch {
      // Ignore: without the file nothing changes, and the next heartbeat is due as usual.
    }
}

/**
 * The name of a session's files. A plain id is used unchanged, so that bin/presence-hook can build the name
 * too. Any other id comes from outside and may hold a slash, a newline or 10,000 characters, so it is
 * replaced by a hash.
 */
export function fileNameOf(id: string): string {
  return isPlain(id) ? id : `x-${fnv1a(id, 0x811c9dc5)}${fnv1a(id, 0x1234567)}`
}

/**
 * The same rule as in the launcher: letters, digits, `_`, `.` and `-`, not starting with a dot, at most 64
 * characters.
 */
function isPlain(id: string): boolean {
  return /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}$/.test(id) && !id.startsWith('x-')
}
