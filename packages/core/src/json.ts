import type { Change } from './domain/change.ts'
import { type Claim, isExclusive, neverExpires } from './domain/claim.ts'
import { isIdle } from './domain/lock.ts'
import type { Session } from './domain/session.ts'
import { oneLine } from './domain/text.ts'

/**
 * A claim as every interface prints it: keys named as the columns, times in ISO 8601 in UTC with
 * milliseconds. `expires_at` is null if the claim never expires.
 *
 * @param asOf the database's time at the read. If given, an exclusive claim also shows whether it was idle
 * for 2 h
 */
export function claimJson(claim: Claim, sessionId: string, asOf?: Date) {
  return {
    session_id: claim.session.id,
    resource_label: claim.label,
    purpose: claim.purpose,
    claimed_at: claim.claimedAt.toISOString(),
    expires_at: neverExpires(claim) ? null : claim.expiresAt.toISOString(),
    ttl_seconds: claim.ttlSeconds,
    mode: claim.token === undefined ? 'shared' : 'exclusive',
    token: claim.token ?? null,
    ...(asOf && isExclusive(claim) ? { stale: isIdle(claim, asOf) } : {}),
    user: claim.session.user,
    host: claim.session.host,
    agent_name: claim.session.agent,
    ...placeJson(claim.session),
    is_me: claim.session.id === sessionId,
  }
}

/** Where a session works, as far as the session reported it. */
export function placeJson({ place = {} }: Session) {
  return { repo: place.repo ?? null, branch: place.branch ?? null, worktree: place.worktree ?? null }
}

/** A change as one object: event and time, plus the keys of `list --json` if the change is about a claim. */
export function changeJson(change: Change, me: string) {
  const { event } = change
  const at = change.at.toISOString()
  if (event === 'known')
    return { event, at, unknown_since: change.since?.toISOString() ?? null, live: change.live }
  if (event !== 'unknown') return { event, at, ...claimJson(change.claim, me) }
  const { code, message, remedy } = change.fault
  const error = { code, message: oneLine(message), remedy: oneLine(remedy) }
  return { event, at, unknown_since: change.since.toISOString(), error }
}
