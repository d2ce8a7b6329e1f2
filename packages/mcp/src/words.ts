import {
  type Claim,
  type CoClaim,
  type Lapsed,
  labelOf,
  leftAloneSince,
  moment,
  nameOf,
  neverExpires,
  placeText,
  plain,
  quoted,
  type Session,
} from '@presence/core'

/** So many claims are told of at most: a longer list costs an agent more than it tells it. */
const CLAIMS_MAX = 30

/** So many labels of one session are named on its line. */
const HELD_MAX = 10

/** For whom it is worded, and as of when. */
export interface View {
  readonly me: Session
  /** The database's now that it was read at. */
  readonly asOf: Date
}

/** A claim as a line: who holds what, for what, until when. */
export function claimLine(claim: Claim, view: View): string {
  return `${labelOf(claim.label)}: ${holderLine(claim, view)}`
}

/** A label's holder as a line. */
export function holderLine(claim: Claim, view: View): string {
  const { session, purpose, claimedAt, expiresAt, token } = claim
  const mode = token === undefined ? '' : ', exclusive'
  const until = neverExpires(claim) ? 'never expires' : `until ${moment(expiresAt)}`
  const since = leftAloneSince(claim, view.asOf)
  const alone = since ? `, left alone since ${moment(since)}` : ''
  return `${quoted(purpose)} by ${who(session, view.me)}${mode}, since ${moment(claimedAt)}, ${until}${alone}`
}

export function who(session: Session, me: Session): string {
  return session.id === me.id ? 'you' : named(session, me)
}

/** A session by its names, and where it works as seen from another's place. */
export function named(session: Session, from: Session): string {
  const { id, agent, user, host } = session
  const where = placeText(session, from)
  return `${nameOf(id)} (${nameOf(agent)}, ${nameOf(user)}@${nameOf(host)}${where ? `, ${where}` : ''})`
}

/** `1 session`, `2 sessions`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

/** Labels that one session holds: the first, and how many there are besides. */
export function heldText(labels: readonly string[]): string {
  const rest = labels.length - HELD_MAX
  const shown = labels.slice(0, HELD_MAX).map(labelOf)
  return [...shown, ...(rest > 0 ? [`and ${rest} more`] : [])].join(', ')
}

/** Lines of the first claims, and how many there are besides. @param total of which `claims` may be a part */
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

/** A claim as programs read it: what others wrote on one line, without brackets and cut, for agents read it too. */
export function claimData(claim: Claim, { me, asOf }: View) {
  const { session, purpose, token } = claim
  const since = leftAloneSince(claim, asOf)
  return {
    resource_label: plain(claim.label),
    session_id: plain(session.id),
    purpose: plain(purpose),
    mode: token === undefined ? 'shared' : 'exclusive',
    claimed_at: claim.claimedAt.toISOString(),
    expires_at: neverExpires(claim) ? null : claim.expiresAt.toISOString(),
    user: plain(session.user),
    host: plain(session.host),
    agent_name: plain(session.agent),
    ...placeData(session),
    ...(since ? { left_alone_since: since.toISOString() } : {}),
    is_me: session.id === me.id,
  }
}

/** Where a session works, as far as that is known. */
export function placeData({ place = {} }: Session) {
  const { repo, branch, worktree } = place
  return {
    ...(repo === undefined ? {} : { repo: plain(repo) }),
    ...(branch === undefined ? {} : { branch: plain(branch) }),
    ...(worktree === undefined ? {} : { worktree: plain(worktree) }),
  }
}

export function claimsData(claims: readonly Claim[], view: View) {
  return claims.slice(0, CLAIMS_MAX).map(claim => claimData(claim, view))
}

/** Where others hold what I hold: what each side is told at its next call (G1). */
export function coClaimNotes(coClaims: readonly CoClaim[], view: View): readonly string[] {
  return coClaims
    .slice(0, CLAIMS_MAX)
    .map(
      ({ label, others }) =>
        `${labelOf(label)}, which you hold, is also claimed: ${others.map(other => holderLine(other, view)).join('; ')}`,
    )
}

/** How claims of mine ended without my doing, and who came meanwhile. */
export function endedNotes(ended: readonly Lapsed[]): readonly string[] {
  return ended.slice(0, CLAIMS_MAX).map(({ claim, others }) => {
    const label = labelOf(claim.label)
    const { ended: how } = claim
    if (how?.how === 'stolen')
      return `your exclusive claim on ${label} was taken by ${nameOf(how.by ?? 'another session')} at ${moment(how.at)}, with the reason ${quoted(how.note ?? '')}; you no longer hold it`
    if (how?.how === 'resolved')
      return `your claim on ${label} (${quoted(claim.purpose)}) lapsed at ${moment(claim.expiresAt)}; ${nameOf(how.by ?? 'another session')} cleared it, with the note ${quoted(how.note ?? '')}`
    const now =
      others.length === 0
        ? 'nobody claimed it since'
        : `claimed since by ${others.map(({ session }) => nameOf(session.id)).join(', ')}`
    return `your claim on ${label} (${quoted(claim.purpose)}) lapsed at ${moment(claim.expiresAt)}; ${now}`
  })
}

/** Others' claims that expired without a release. */
export function lapsedNotes(lapsed: readonly Claim[], { me }: View): readonly string[] {
  return lapsed
    .slice(0, CLAIMS_MAX)
    .map(
      ({ label, session, purpose, expiresAt }) =>
        `lapsed without a release, maybe half done: ${labelOf(label)}: ${quoted(purpose)} by ${who(session, me)}, lapsed at ${moment(expiresAt)}`,
    )
}
