import { secondsOf } from './duration.ts'
import { TTL_SECONDS_DEFAULT, TTL_SECONDS_MAX } from './limits.ts'
import { accept, type Checked, refuse } from './refusal.ts'
import { cutTo, oneLine } from './text.ts'

/**
 * Parses how long a claim lives.
 *
 * @param input whole seconds (`900`), or a number with `s`, `m` or `h` (`15m`). Undefined: the default
 * @returns whole seconds, 1 to 86,400
 */
export function parseTtl(input: string | number | undefined): Checked<number> {
  if (input === undefined) return accept(TTL_SECONDS_DEFAULT)
  const given = String(input).trim()
  const seconds = secondsOf(given)
  if (given === NEVER) return invalid(given, 'is for exclusive claims only')
  if (seconds === undefined) return invalid(given, 'is not a duration')
  if (seconds <= 0) return invalid(given, 'is not longer than zero')
  if (seconds > TTL_SECONDS_MAX) return invalid(given, 'is longer than a day')
  return accept(seconds)
}

/** The input for an exclusive claim that never expires, and the ttl in seconds that such a claim has. */
const NEVER = 'never'
const NEVER_SECONDS = 0

/** Parses the ttl of an exclusive claim. It may also be `never`, which is stored as 0 seconds. */
export function parseExclusiveTtl(input: string | number | undefined): Checked<number> {
  return String(input).trim() === NEVER ? accept(NEVER_SECONDS) : parseTtl(input)
}

/**
 * Parses the ttl of a lease. It can't be `never`: a lease ends with the program that keeps it alive.
 */
export function parseLeaseTtl(input: string | number | undefined): Checked<number> {
  const given = String(input).trim()
  if (given !== NEVER) return parseTtl(input)
  return invalid(given, 'is not for a lease, which its program keeps alive', FOR_GOOD)
}

const DURATIONS = 'give seconds or a duration from 1s to 24h: 900, 15m, 2h'
const FOR_GOOD = `${DURATIONS}; a claim that never expires is made with claimExclusively`

function invalid(given: string, reason: string, remedy = DURATIONS): Checked<number> {
  return refuse({
    code: 'invalid_ttl',
    message: `the ttl "${oneLine(cutTo(given, 40))}" ${reason}`,
    remedy,
  })
}
