import type { SeenSession, Session } from '@presence/core'
import { moment, nameOf, oneLine, plain, sessionText } from '@presence/core/internal'
import * as z from 'zod'
import { notes } from '../schemas.ts'
import { type Call, SAYS, tool } from '../tool.ts'
import { heldText } from '../words.ts'

/**
 * Registers the session that the call speaks as.
 * The server has already read that session from these arguments.
 */
export const registerPresence = tool({
  name: 'coord_register_presence',
  description: 'Register this session, or update it.',
  input: z.strictObject({
    role: z
      .string('send a role, such as backend')
      .refine(isPlain(64), 'send a role of one word, such as backend, of at most 64 characters')
      .optional(),
    worktree_path: z
      .string('send a folder')
      .refine(isPlain(1_024), "send a folder's path, of at most 1,024 characters")
      .optional(),
    session_id: z.string('send an id that no other session has').optional(),
  }),
  output: z.object({ session_id: z.string(), notes }),
  annotations: SAYS,
  beats: true,
  run: async call => {
    const notes = call.isNew ? await notesOn(call) : []
    await call.board.register()
    return {
      lines: [`Registered as session ${nameOf(call.me)}.`],
      data: { session_id: plain(call.me) },
      notes,
    }
  },
})

/** Notes on the id that the caller has just chosen, and on the id that it leaves. */
async function notesOn({ board, me, before }: Call): Promise<readonly string[]> {
  const [there] = (await board.who({ of: me })).sessions
  const [left] = before === undefined ? [] : (await board.who({ of: before })).sessions
  return [
    ...(there && (there.state === 'live' || there.holds.length > 0)
      ? [wasThereNote(there, board.session)]
      : []),
    ...(left && left.holds.length > 0 ? [leftNote(left)] : []),
  ]
}

function leftNote({ session: { id }, holds }: SeenSession): string {
  return `session ${nameOf(id)} still holds your claims: ${heldText(holds.map(({ label }) => label))}; to release them, register as ${nameOf(id)} again, and then call release with all: true`
}

/**
 * Says that the id is in use.
 * This is not refused, because a restarted agent must be able to use its id again.
 */
function wasThereNote(
  { session, startedAt, lastSeen, secondsSince, holds }: SeenSession,
  me: Session,
): string {
  const since = startedAt ?? holds[0]?.claimedAt ?? lastSeen
  const held = holds.length === 0 ? '' : `, holding ${heldText(holds.map(({ label }) => label))}`
  return `${sessionText(session, me)} has been in use since ${moment(since)}, last seen ${secondsSince} s ago${held}. If that was you, there is nothing to do; if not, register with another session_id: two agents that share an id release each other's claims`
}

/** Checks for a text on one line, not empty and without control characters. */
function isPlain(max: number): (text: string) => boolean {
  return text => text !== '' && oneLine(text) === text && [...text].length <= max
}
