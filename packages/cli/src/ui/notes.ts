import { type Claim, type CoClaim, idleSince, type OverlappingClaim } from '@presence/core'
import { alsoClaimed, maybeSameText, oneLine, overlapText } from '@presence/core/internal'
import { ago, duration } from './time.ts'
import { wordingAt } from './wording.ts'

/** One line for each label that this session and others hold, which tells each side of the other (G1). */
export function coClaimNotes(coClaims: readonly CoClaim[], asOf: Date): readonly string[] {
  return coClaims.map(({ label, others }) => {
    const who = others.map(
      ({ session, purpose, claimedAt, token }) =>
        `${oneLine(session.id)} (${oneLine(purpose)}, claimed ${ago(claimedAt, asOf)}${token === undefined ? '' : ', exclusive'})`,
    )
    return `${alsoClaimed(label, wordingAt(asOf))} by ${who.join(', ')}`
  })
}

/** How many overlapping claims are told of one by one: a whole cluster may have thousands. */
const NEAR_SHOWN_MAX = 10

/** What a session is told of labels near its own: those that touch the same thing, and those that may be the same. */
export function nearNotes(
  overlaps: readonly OverlappingClaim[],
  maybeSame: readonly CoClaim[],
  asOf: Date,
): readonly string[] {
  const words = wordingAt(asOf)
  const rest = overlaps.length - NEAR_SHOWN_MAX
  return [
    ...overlaps.slice(0, NEAR_SHOWN_MAX).map(overlap => overlapText(overlap, words)),
    ...(rest > 0 ? [`${rest} more claims are on labels that overlap`] : []),
    ...maybeSame.map(({ label, others }) => maybeSameText(label, others, words)),
  ]
}

/**
 * One line for each idle exclusive claim of another session, with how to get the label: the session may be
 * dead.
 */
export function leftAloneNotes(claims: readonly Claim[], me: string, asOf: Date): readonly string[] {
  return claims.flatMap(claim => {
    const since = idleSince(claim, asOf)
    if (!since || claim.session.id === me) return []
    const [label, who] = [oneLine(claim.label), oneLine(claim.session.id)]
    const alone = duration(asOf.getTime() - since.getTime())
    return [
      `${label} has been idle for ${alone}: ask ${who}; if that session has ended, run: presence steal ${label} --reason "…"`,
    ]
  })
}
