import { labelOf, timeOfDay } from './agent-text.ts'
import { type Claim, neverExpires } from './claim.ts'
import { secondsOf } from './duration.ts'

/**
 * What to tell a session that claimed a label again with a shorter ttl than the claim has: claiming again
 * never shortens a claim.
 *
 * @param asked the ttl as it was given, if any
 */
export function keptTtlNotes(
  claim: Claim,
  asked: string | number | undefined,
  asOf: Date,
): readonly string[] {
  const seconds = asked === undefined ? undefined : secondsOf(asked)
  if (seconds === undefined || (claim.ttlSeconds <= seconds && !neverExpires(claim))) return []
  const kept = neverExpires(claim)
    ? 'still never expires'
    : `keeps its ttl of ${inWords(claim.ttlSeconds)} and lasts until ${timeOfDay(claim.expiresAt, asOf)} UTC`
  return [
    `${labelOf(claim.label)} ${kept}: claiming again never shortens a claim. To shorten it, release it and claim it again`,
  ]
}

/** Formats a ttl as it is entered: `2h`, `90m`, `45s`. */
function inWords(seconds: number): string {
  if (seconds % 3_600 === 0) return `${seconds / 3_600}h`
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`
}
