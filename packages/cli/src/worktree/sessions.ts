import {
  type Claim,
  cutTo,
  openBoard,
  PresenceError,
  type SeenSession,
  type Session,
  WORKTREE_LENGTH_MAX,
} from '@presence/core'
import { callMs, openOptions } from '../answer.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'

/** Who is there, or why nobody knows (G6). */
export type Present =
  | {
      readonly known: true
      readonly sessions: readonly SeenSession[]
      readonly asOf: Date
      readonly me: Session
    }
  | { readonly known: false; readonly fault: PresenceError }

export async function askWho(globals: Globals, io: Io): Promise<Present> {
  try {
    await using board = await openBoard({ ...openOptions(globals, io), deadlineMs: callMs() })
    const { sessions, asOf } = await board.who()
    return { known: true, sessions, asOf, me: board.session }
  } catch (error) {
    return { known: false, fault: faultOf(error) }
  }
}

/** Over HTTP a session need not say whose it is. */
const NOBODY = 'unknown'

/**
 * This user's sessions on this host that work in a worktree, the latest heard of first. Not another user's: two containers
 * may have one name, and the same path in each.
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

/** What others hold who work there. */
export function claimsAt(present: Present, path: string): readonly Claim[] {
  const me = present.known ? present.me.id : ''
  return sessionsAt(present, path)
    .filter(({ session }) => session.id !== me)
    .flatMap(({ holds }) => holds)
}

export function faultOf(error: unknown): PresenceError {
  if (error instanceof PresenceError) return error
  return new PresenceError('unexpected', (error as Error).message, 'report it with this message', {
    cause: error,
  })
}
