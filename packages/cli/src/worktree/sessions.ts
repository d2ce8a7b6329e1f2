import { hostname } from 'node:os'
import { type Claim, oneLine, openBoard, PresenceError, type SeenSession } from '@presence/core'
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

/**
 * Says that sessions have ended, each in its own name: its folder is gone.
 *
 * @returns what could not be said, in words
 */
export async function endSessions(
  sessions: readonly SeenSession[],
  globals: Globals,
  io: Io,
): Promise<readonly string[]> {
  const failed: string[] = []
  for (const { session } of sessions)
    try {
      await using board = await openBoard({
        ...openOptions(globals, io),
        session: session.id,
        deadlineMs: callMs(),
      })
      await board.deregister()
    } catch (error) {
      failed.push(`${oneLine(session.id)} could not be deregistered: ${oneLine(faultOf(error).message)}`)
    }
  return failed
}

export function faultOf(error: unknown): PresenceError {
  if (error instanceof PresenceError) return error
  return new PresenceError('unexpected', (error as Error).message, 'report it with this message', {
    cause: error,
  })
}
