import { utimesSync } from 'node:fs'
import { join } from 'node:path'

/** Every file that the hooks keep of a session; all go when it ends. */
export const SESSION_PARTS = ['beat', 'due', 'lock', 'now', 'line', 'once', 'shown'] as const

/** Where the hooks keep what they know of an agent's session: a file a part. */
export function sessionFile(
  stateFolder: string,
  agentSession: string,
  part: (typeof SESSION_PARTS)[number],
): string {
  return join(stateFolder, 'hooks', `${fileNameOf(agentSession)}.${part}`)
}

/**
 * Has the agent's next hook beat at once: what the session holds has changed, and its status line and its co-claims with it.
 * Nothing where no hook of it ever ran.
 */
export function makeHeartbeatDue(stateFolder: string, agentSession: string): void {
  for (const part of ['beat', 'due'] as const)
    try {
      utimesSync(sessionFile(stateFolder, agentSession, part), 0, 0)
    } catch {
      // Then the next one is due by its age.
    }
}

/**
 * The name of a session's files. An id that is plain stands as it is, which bin/presence-hook can do too; any other comes
 * from outside and may hold a slash, a newline or 10,000 characters: of that a hash stands in its place.
 */
export function fileNameOf(id: string): string {
  return isPlain(id) ? id : `x-${hash(id, 0x811c9dc5)}${hash(id, 0x1234567)}`
}

/** Also the launcher's rule: letters, digits, `_`, `.` and `-`, not beginning with a dot, at most 64 of them. */
function isPlain(id: string): boolean {
  return /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}$/.test(id) && !id.startsWith('x-')
}

/** 32 bits of FNV-1a in hexadecimal. node:crypto would take 8 ms to load. */
function hash(text: string, seed: number): string {
  let value = seed
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193)
  return (value >>> 0).toString(16).padStart(8, '0')
}
