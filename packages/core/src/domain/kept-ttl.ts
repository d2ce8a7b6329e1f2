import { labelOf, timeOfDay } from './agent-text.ts'
import { type Claim, isExclusive, neverExpires } from './claim.ts'
import { secondsOf } from './duration.ts'

/**
 * What to tell a session that claimed a label again and has a claim with another ttl than it asked for. Claiming again
 * never shortens a claim, and a shared claim leaves an exclusive one of the session as it is.
 *
 * @param asked the ttl as it was given, if any
 */
export function keptTtlNotes(
  claim: Claim,
  asked: string | number | undefined,
  asOf: Date,
): readonly string[] {
  const seconds = asked === undefined ? undefined : secondsOf(asked)
  if (seconds === undefined) return []
  const isLonger = neverExpires(claim) || claim.ttlSeconds > seconds
  if (!isLonger && !(isExclusive(claim) && claim.ttlSeconds < seconds)) return []
  const kept = neverExpires(claim)
    ? 'still never expires'
    : `keeps its ttl of ${inWords(claim.ttlSeconds)} and lasts until ${timeOfDay(claim.expiresAt, asOf)} UTC`
  const why = isLonger
    ? 'claiming again never shortens a claim. To shorten it, release it and claim it again'
    : 'a shared claim does not change your exclusive claim. To extend it, claim it again exclusively with that ttl'
  return [`${labelOf(claim.label)} ${kept}: ${why}`]
}

/** Formats a ttl as it is entered: `2h`, `90m`, `45s`. */
function inWords(seconds: number): string {
  if (seconds % 3_600 === 0) return `${seconds / 3_600}h`
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`
}
