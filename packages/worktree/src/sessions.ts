import type { Claim, PresenceError, SeenSession, Session } from '@presence/core'
import { cutTo, WORKTREE_LENGTH_MAX } from '@presence/core/internal'

/** The sessions on the board, or why they are unknown (G6). */
export type Present =
  | {
      readonly known: true
      readonly sessions: readonly SeenSession[]
      readonly asOf: Date
      readonly me: Session
    }
  | { readonly known: false; readonly fault: PresenceError }

/** The user of a session over HTTP that didn't give one. */
const NOBODY = 'unknown'

/**
 * This user's sessions on this host that work in a worktree, the last seen first. Sessions of other users
 * don't count, because two containers may have the same host name and the same path.
 */
export function sessionsAt(present: Present, path: string): readonly SeenSession[] {
  if (!present.known) return []
  const { me, sessions } = present
  const shown = cutTo(path, WORKTREE_LENGTH_MAX)
  return sessions.filter(({ session: { host, user, place } }) => {
    const worktree = place?.worktree
    const isThere = worktree === shown || worktree?.startsWith(`${path}/`) === true
    return isThere && host === me.host && (user === me.user || user === NOBODY)
  })
}

/** The claims of other sessions in that folder. */
export function claimsAt(present: Present, path: string): readonly Claim[] {
  const me = present.known ? present.me.id : ''
  return sessionsAt(present, path)
    .filter(({ session }) => session.id !== me)
    .flatMap(({ holds }) => holds)
}
