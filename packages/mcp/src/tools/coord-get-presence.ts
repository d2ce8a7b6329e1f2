import type { SeenSession, Session } from '@presence/core'
import { counted, moment, nameOf, plain } from '@presence/core/internal'
import * as z from 'zod'
import { asOf, notes } from '../schemas.ts'
import { LOOKS, tool } from '../tool.ts'
import { coClaimNotes, heldText, placeData, who } from '../words.ts'

/** The most sessions in one answer. */
const SESSIONS_MAX = 50

export const getPresence = tool({
  name: 'coord_get_presence',
  description: 'List sessions and whether they are alive. Stale: not seen for over 300 s.',
  input: z.strictObject({
    of: z.string('send a session id').optional().describe('one session'),
    all: z.boolean('send true or false').optional().describe('also ended ones'),
  }),
  output: z.object({
    sessions: z.array(
      z.looseObject({
        session_id: z.string(),
        state: z.string(),
        stale: z.boolean(),
        seconds_since_heartbeat: z.int(),
        holds: z.array(z.string()),
      }),
    ),
    total: z.int().optional(),
    more: z.boolean(),
    as_of: asOf,
    notes,
  }),
  annotations: LOOKS,
  run: async ({ board }, { of, all = false }) => {
    const asked = of !== undefined ? { of } : all ? { all, limit: SESSIONS_MAX } : {}
    const { sessions, next, coClaims, asOf } = await board.who(asked)
    const shown = sessions.slice(0, SESSIONS_MAX)
    const hidden = sessions.length - shown.length
    return {
      lines: [
        `${headOf(of, sessions.length, next !== undefined)} at ${moment(asOf)}.`,
        ...shown.map(each => `- ${line(each, board.session)}`),
        ...restOf(hidden, next !== undefined),
      ],
      data: {
        sessions: shown.map(each => sessionData(each, board.session)),
        // With ended sessions only one page was read, so the total is unknown.
        ...(next === undefined ? { total: sessions.length } : {}),
        more: hidden > 0 || next !== undefined,
        as_of: asOf.toISOString(),
      },
      notes: coClaimNotes(coClaims, { me: board.session, asOf }),
    }
  },
})

function headOf(of: string | undefined, count: number, isPage: boolean): string {
  if (count === 0) return of === undefined ? 'No sessions' : 'No such session'
  return isPage
    ? `The first ${counted(count, 'session')}, in the order of their ids,`
    : counted(count, 'session')
}

function restOf(hidden: number, isPage: boolean): readonly string[] {
  if (isPage) return ['and more; ask for one by its id']
  return hidden > 0 ? [`and ${hidden} more`] : []
}

function line({ session, secondsSince, state, holds }: SeenSession, me: Session): string {
  const held = holds.length === 0 ? '' : `, holds ${heldText(holds.map(({ label }) => label))}`
  const role = session.place?.role === undefined ? '' : `, role ${nameOf(session.place.role)}`
  const how = state === 'live' ? '' : `, ${state}`
  return `${who(session, me)}${role}: last heartbeat ${secondsSince} s ago${how}${held}`
}

function sessionData({ session, secondsSince, stale, state, lastSeen, holds }: SeenSession, me: Session) {
  const { role } = session.place ?? {}
  return {
    session_id: plain(session.id),
    state,
    stale,
    seconds_since_heartbeat: secondsSince,
    last_heartbeat: lastSeen.toISOString(),
    holds: holds.map(({ label }) => plain(label)),
    agent_name: plain(session.agent),
    user: plain(session.user),
    host: plain(session.host),
    ...(role === undefined ? {} : { role: plain(role) }),
    place: placeData(session),
    is_me: session.id === me.id,
  }
}
