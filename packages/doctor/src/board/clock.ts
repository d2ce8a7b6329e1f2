import { type Finding, note, ok } from '../finding.ts'

/** People who compare times in two places notice a difference above this. */
const APART_MS_MAX = 2_000

/**
 * Compares the database's clock with this host's. No expiry depends on the host's clock (G8).
 *
 * @param before when the database was asked, by this host's clock
 * @param after when the database had answered, by this host's clock
 */
export function judgeClock(database: Date, before: Date, after: Date): Finding {
  const early = before.getTime() - database.getTime()
  const late = database.getTime() - after.getTime()
  const apart = Math.max(early, late)
  if (apart <= APART_MS_MAX) return ok('clock', "this host's clock and the database's agree")
  const seconds = Math.round(apart / 1_000)
  return note(
    'clock',
    `this host's clock is ${seconds} s ${early > late ? 'ahead of' : 'behind'} the database's; claims go by the database's`,
    'correct the wrong clock with NTP; until then, the times on this host and on the board do not match',
  )
}
