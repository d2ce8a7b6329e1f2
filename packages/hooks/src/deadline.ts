import type { InputTime } from '@presence/process'

/**
 * When a hook must have ended, in milliseconds from its start. This is below the 3 s that the wiring
 * declares, and at the end of a session below the 1.5 s that all its hooks share.
 */
const ENDS_BY_MS = 1_200
const SESSION_ENDS_BY_MS = 800

/** How much of that is reserved for printing and exiting. */
export const RESERVE_MS = 120

/**
 * How long a hook waits for its input, in milliseconds, if it has this much time left. Agents write it at once, but
 * some keep the pipe open, and a hook that was started without input has an empty one. Not less than a busy machine
 * takes to read what is there: without it, the hook doesn't know its session.
 */
export function inputTime(leftMs: number): InputTime {
  return { idleMs: Math.max(0.4 * leftMs, 250), totalMs: Math.max(0.8 * leftMs, 500) }
}

/**
 * If a busy machine started Node late, a session's end still has this long for its release, in milliseconds; less if
 * it would end after `SESSION_ENDS_LATE_BY_MS`, because Claude Code waits 1.35 s by default.
 */
const RELEASE_MS = 450
const SESSION_ENDS_LATE_BY_MS = 1_150
/**
 * How much longer a session's end may take to put its release into the outbox, in milliseconds. It takes a few, unless
 * a busy machine doesn't run it; then it goes on until it is done, or until the agent ends it.
 */
export const OUTBOX_MS = 1_500

/**
 * @param event the event's name, in any agent's spelling
 * @param startedMs how long Node took to start
 */
export function endsByMs(event: string, startedMs = 0): number {
  if (event.toLowerCase() !== 'sessionend') return ENDS_BY_MS
  return Math.max(SESSION_ENDS_BY_MS, Math.min(startedMs + RELEASE_MS, SESSION_ENDS_LATE_BY_MS))
}

/**
 * The least that the board gets for its answer, in milliseconds. At a session's end more, because a board in a file
 * has no outbox to keep the release.
 */
export function leastMs(event: string): number {
  return event.toLowerCase() === 'sessionend' ? 200 : 50
}
