/**
 * By when a hook has ended, in milliseconds from its beginning: below the 3 s that the wiring declares, and for the end of
 * a session below the 1.5 s that all its hooks share.
 */
const ENDS_BY_MS = 1_200
const SESSION_ENDS_BY_MS = 800

/** Kept of that for printing and leaving. */
export const RESERVE_MS = 120

/** @param event in whatever agent's words */
export function endsByMs(event: string): number {
  return event.toLowerCase() === 'sessionend' ? SESSION_ENDS_BY_MS : ENDS_BY_MS
}
