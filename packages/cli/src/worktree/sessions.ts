import { hostname } from 'node:os'
import { type Claim, openBoard, PresenceError, type SeenSession } from '@presence/core'
import { callMs, openOptions } from '../answer.ts'
import type { Globals } from '../globals.ts'
import type { Io } from '../io.ts'

/** Who is there, or why nobody knows (G6). */
export type Present =
  | {
      readonly known: true
      readonly sessions: readonly SeenSession[]
      readonly asOf: Date
      readonly me: string
    }
  | { readonly known: false; readonly fault: PresenceError }

export async function askWho(globals: Globals, io: Io): Promise<Present> {
  try {
    await using board = await openBoard({ ...openOptions(globals, io), deadlineMs: callMs() })
    const { sessions, asOf } = await board.who()
    return { known: true, sessions, asOf, me: board.session.id }
  } catch (error) {
    return { known: false, fault: faultOf(error) }
  }
}

/** The sessions that work in a worktree of this host, the latest heard of first. */
export function sessionsAt(present: Present, path: string): readonly SeenSession[] {
  if (!present.known) return []
  const host = hostname().split('.')[0]
  return present.sessions.filter(({ session: { host: theirs, place } }) => {
    const worktree = place?.worktree
    return theirs === host && (worktree === path || worktree?.startsWith(`${path}/`) === true)
  })
}

/** What others hold who work there. */
export function claimsAt(present: Present, path: string): readonly Claim[] {
  const me = present.known ? present.me : ''
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
