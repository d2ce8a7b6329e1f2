import { secondsOf } from './duration.ts'
import { accept, type Checked, refuse } from './refusal.ts'
import { cutTo, oneLine } from './text.ts'

/** The longest wait, in seconds: a day, as long as the longest ttl. */
const WAIT_SECONDS_MAX = 86_400

/**
 * Parses how long to wait for a label.
 *
 * @param input whole seconds, or a number with `s`, `m` or `h`. Undefined: do not wait
 * @returns milliseconds
 */
export function parseWait(input: string | number | undefined): Checked<number> {
  if (input === undefined) return accept(0)
  const seconds = secondsOf(input)
  if (seconds !== undefined && seconds <= WAIT_SECONDS_MAX) return accept(seconds * 1_000)
  return refuse({
    code: 'invalid_wait',
    message: `"${oneLine(cutTo(String(input), 40))}" is not a time to wait`,
    remedy: 'give seconds or a duration of at most a day: 30s, 10m, 2h',
  })
}
