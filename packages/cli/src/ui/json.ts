import { type Claim, neverExpires, type Session } from '@presence/core'

/** JSON.stringify leaves these as they are, and a terminal would act on them. */
const UNSAFE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** One line of JSON that is safe to print on a terminal. */
export function toJson(value: unknown): string {
  return JSON.stringify(value).replace(
    UNSAFE,
    char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** A claim as every face prints it: the columns' names, times in ISO 8601, UTC, to the millisecond; null is never. */
export function claimJson(claim: Claim, sessionId: string) {
  return {
    session_id: claim.session.id,
    resource_label: claim.label,
    purpose: claim.purpose,
    claimed_at: claim.claimedAt.toISOString(),
    expires_at: neverExpires(claim) ? null : claim.expiresAt.toISOString(),
    ttl_seconds: claim.ttlSeconds,
    mode: claim.token === undefined ? 'shared' : 'exclusive',
    token: claim.token ?? null,
    user: claim.session.user,
    host: claim.session.host,
    agent_name: claim.session.agent,
    ...placeJson(claim.session),
    is_me: claim.session.id === sessionId,
  }
}

/** Where a session works, as far as it said. */
export function placeJson({ place = {} }: Session) {
  return { repo: place.repo ?? null, branch: place.branch ?? null, worktree: place.worktree ?? null }
}

export const claimsJson = (claims: readonly Claim[], sessionId: string) =>
  claims.map(claim => claimJson(claim, sessionId))

/** A command line that can't be taken, as every other error. */
export function usageJson(message: string) {
  const said = message.replace(/^error: /, '').replaceAll('\n', ' ')
  return { error: { code: 'usage', message: said, remedy: 'see: presence --help' } }
}
