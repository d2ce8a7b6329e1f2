/**
 * When a hook must have ended, in milliseconds from its start. This is below the 3 s that the wiring
 * declares, and at the end of a session below the 1.5 s that all its hooks share.
 */
const ENDS_BY_MS = 1_200
const SESSION_ENDS_BY_MS = 800

/** How much of that is reserved for printing and exiting. */
export const RESERVE_MS = 120

/** @param event the event's name, in any agent's spelling */
export function endsByMs(event: string): number {
  return event.toLowerCase() === 'sessionend' ? SESSION_ENDS_BY_MS : ENDS_BY_MS
}
