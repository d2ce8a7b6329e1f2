import { secondsOf } from './duration.ts'
import { EVENTS_KEPT_SECONDS } from './limits.ts'
import { accept, type Checked, refuse } from './refusal.ts'
import { cutTo, oneLine } from './text.ts'

const SINCE_SECONDS_DEFAULT = 86_400

/**
 * Parses how far to look back.
 *
 * @param input whole seconds, or a number with `s`, `m`, `h` or `d`. Undefined: a day
 * @returns whole seconds, at most as long as history is kept
 */
export function parseSince(input: string | number | undefined): Checked<number> {
  if (input === undefined) return accept(SINCE_SECONDS_DEFAULT)
  const seconds = secondsOf(input)
  if (seconds !== undefined && seconds > 0) return accept(Math.min(seconds, EVENTS_KEPT_SECONDS))
  return refuse({
    code: 'invalid_since',
    message: `"${oneLine(cutTo(String(input), 40))}" is not a duration to look back`,
    remedy: 'give seconds or a duration: 30m, 2h, 7d; history is kept for 30 days',
  })
}
