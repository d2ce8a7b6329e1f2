import type { SeenSession } from '@presence/core'
import { oneLine, shortIds } from '@presence/core/internal'
import type { Io } from '../io.ts'
import { cut, inColumns, type Yielding } from './columns.ts'
import { placeJson } from './json.ts'
import { ago } from './time.ts'
import { othersWhere, type Reader, withWhere } from './where.ts'

const HEADINGS = ['SESSION', 'WHO', 'AGENT', 'LAST SEEN', 'HOLDS'] as const
/** In the order in which columns are narrowed. */
const YIELDING: readonly Yielding[] = [
  [4, 14],
  [1, 12],
  [0, 14],
  [2, 6],
]

/** The order if the column WHERE is shown, as the fourth. */
const YIELDING_WHERE: readonly Yielding[] = [
  [3, 8],
  [5, 14],
  [1, 12],
  [0, 14],
  [2, 6],
]

/**
 * Sessions as a table that fits the terminal, or on several lines each if it doesn't fit even at its
 * narrowest.
 */
export function sessionTable(
  sessions: readonly SeenSession[],
  asOf: Date,
  reader: Reader,
  io: Io,
): readonly string[] {
  const short = shortIds(sessions.map(({ session }) => session.id))
  const rows = sessions.map(each => cellsOf(each, asOf, reader.id, short))
  const [heading, ...lines] =
    withWhere(
      {
        headings: HEADINGS,
        rows,
        sessions: sessions.map(each => each.session),
        at: 3,
        yielding: YIELDING_WHERE,
      },
      reader,
      io.width,
    ) ??
    inColumns([HEADINGS, ...rows], YIELDING, io.width) ??
    []
  if (heading === undefined)
    return rows.flatMap((cells, at) => stacked(cells, othersWhere(sessions[at]?.session, reader), io))
  return [
    io.paint('dim', heading),
    ...lines.map((line, at) => {
      const { session, stale = false } = sessions[at] ?? {}
      return stale ? io.paint('yellow', line) : session?.id === reader.id ? io.paint('cyan', line) : line
    }),
  ]
}

function cellsOf(
  { session, lastSeen, state, holds }: SeenSession,
  asOf: Date,
  me: string,
  short: (id: string) => string,
): readonly string[] {
  return [
    oneLine(short(session.id)) + (session.id === me ? ' (me)' : ''),
    `${oneLine(session.user)}@${oneLine(session.host)}`,
    oneLine(session.agent) + (session.place?.role === undefined ? '' : ` (${oneLine(session.place.role)})`),
    ago(lastSeen, asOf) + (state === 'live' ? '' : `, ${state}`),
    holds.map(({ label }) => oneLine(label)).join(', '),
  ]
}

function stacked(
  [session = '', who = '', agent = '', heard = '', holds = '']: readonly string[],
  where: string,
  io: Io,
) {
  return [
    io.paint('bold', cut(session, io.width)),
    ...[holds, who, ...(where ? [where] : []), `${heard}, ${agent}`].map(text => cut(`  ${text}`, io.width)),
  ]
}

/** A session in the JSON form that all our interfaces print. */
export function sessionJson(
  { session, lastSeen, secondsSince, stale, state, endedAt, holds }: SeenSession,
  me: string,
) {
  return {
    session_id: session.id,
    agent_name: session.agent,
    user: session.user,
    host: session.host,
    place: placeJson(session),
    role: session.place?.role ?? null,
    last_seen: lastSeen.toISOString(),
    seconds_since: secondsSince,
    stale,
    state,
    ended_at: endedAt?.toISOString() ?? null,
    is_me: session.id === me,
    holds: holds.map(({ label }) => label),
  }
}
