import {
  BODY_LENGTH_MAX,
  type Claim,
  type ClaimJson,
  type CoClaim,
  claimJson,
  type Lapsed,
  type MessageJson,
  messageJson,
  type OverlappingClaim,
  type PlaceJson,
  type Received,
  type Session,
} from '@presence/core'
import {
  type AgentView,
  agentWording,
  alsoClaimed,
  claimText,
  earlierText,
  endedText,
  holderText,
  labelOf,
  lapsedNote,
  lapsedText,
  maybeSameText,
  overlapText,
  placeJson,
  plain,
  sessionText,
} from '@presence/core/internal'

/** The most claims in one answer: a longer list costs an agent more tokens than it is worth. */
const CLAIMS_MAX = 30

/** The most labels that are named on a session's line. */
const HELD_MAX = 10

/** The reader of a text, and the time that it describes. */
export interface View {
  readonly me: Session
  /** The database's time of the read. */
  readonly asOf: Date
}

function agentView(view: View): AgentView {
  return { ...view, words: agentWording(view.asOf) }
}

/** A claim as a line: what is held, for what purpose, by whom, since when and for how long. */
export function claimLine(claim: Claim, view: View): string {
  return claimText(claim, agentView(view))
}

/** A label's holder as a line. */
export function holderLine(claim: Claim, view: View): string {
  return holderText(claim, agentView(view))
}

export function who(session: Session, me: Session): string {
  return session.id === me.id ? 'you' : sessionText(session, me)
}

/** The labels that a session holds: the first ones, and how many more there are. */
export function heldText(labels: readonly string[]): string {
  const rest = labels.length - HELD_MAX
  const shown = labels.slice(0, HELD_MAX).map(labelOf)
  return [...shown, ...(rest > 0 ? [`and ${rest} more`] : [])].join(', ')
}

/**
 * Lines of the first claims, and how many more there are.
 *
 * @param total the number of claims, if more than in `claims`
 */
export function claimLines(
  claims: readonly Claim[],
  view: View,
  line = claimLine,
  total = claims.length,
): readonly string[] {
  const rest = total - Math.min(claims.length, CLAIMS_MAX)
  return [
    ...claims.slice(0, CLAIMS_MAX).map(claim => `- ${line(claim, view)}`),
    ...(rest > 0 ? [`and ${rest} more`] : []),
  ]
}

/**
 * A claim as data for programs. Agents read it too, so text from other sessions is on one line, cut and without
 * brackets.
 */
export function claimData(claim: Claim, { me, asOf }: View): ClaimJson {
  return plainly(claimJson(claim, { me: me.id, asOf }))
}

/** Where a session works, as data. Its texts are made safe as in `claimData`. */
export function placeData(session: Session): PlaceJson {
  return plainly(placeJson(session))
}

/** A message as data. Its texts are made safe as in {@link claimData}, but are not cut. */
export function messageData(message: Received): MessageJson {
  return plainly(messageJson(message), BODY_LENGTH_MAX)
}

/** Makes each text plain, at any depth. */
function plainly<T>(value: T, max?: number): T {
  if (typeof value === 'string') return plain(value, max) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plainly(part, max)])) as T
}

export function claimsData(claims: readonly Claim[], view: View) {
  return claims.slice(0, CLAIMS_MAX).map(claim => claimData(claim, view))
}

/** What is near a claim's label, as data. Absent where nothing is near. */
export function nearData(overlaps: readonly OverlappingClaim[], maybeSame: readonly Claim[], view: View) {
  const shown = overlaps.slice(0, CLAIMS_MAX)
  return {
    ...(shown.length === 0
      ? {}
      : {
          overlaps: shown.map(({ claim, path }) => ({
            claim: claimData(claim, view),
            path: path.map(label => plain(label)),
          })),
        }),
    ...(maybeSame.length === 0 ? {} : { maybe_same: claimsData(maybeSame, view) }),
  }
}

/** Notes on co-claims. Each of the sessions gets such a note at its next call (G1). */
export function coClaimNotes(coClaims: readonly CoClaim[], view: View): readonly string[] {
  return coClaims
    .slice(0, CLAIMS_MAX)
    .map(
      ({ label, others }) =>
        `${alsoClaimed(label, agentWording(view.asOf))}: ${others.map(other => holderLine(other, view)).join('; ')}`,
    )
}

/** Notes on other sessions' claims on labels near the reader's: they touch the same thing, or may be the same. */
export function nearNotes(
  overlaps: readonly OverlappingClaim[],
  maybeSame: readonly CoClaim[],
  { asOf }: View,
): readonly string[] {
  const words = agentWording(asOf)
  return [
    ...overlaps.slice(0, CLAIMS_MAX).map(overlap => overlapText(overlap, words)),
    ...maybeSame.slice(0, CLAIMS_MAX).map(({ label, others }) => maybeSameText(label, others, words)),
  ]
}

/**
 * Notes on claims that the session didn't end itself (lapsed, stolen or resolved), and who holds the labels
 * now, if known.
 */
export function endedNotes(
  ended: readonly (Pick<Lapsed, 'claim'> & Partial<Lapsed>)[],
  asOf: Date,
): readonly string[] {
  const words = agentWording(asOf)
  return ended.slice(0, CLAIMS_MAX).map(({ claim, others }) => endedText(claim, others, words))
}

/** Notes on how the session's own claims ended before it claimed their labels again. */
export function earlierNotes(ended: readonly Claim[], asOf: Date): readonly string[] {
  const words = agentWording(asOf)
  return ended.slice(0, CLAIMS_MAX).map(claim => earlierText(claim, claim.expiresAt, words))
}

/** Notes on claims of others that expired without a release. */
export function lapsedNotes(lapsed: readonly Claim[], view: View): readonly string[] {
  return lapsed.slice(0, CLAIMS_MAX).map(claim => lapsedNote(lapsedText(claim, agentView(view))))
}
