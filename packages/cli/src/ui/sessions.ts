import { oneLine, type SeenSession } from '@presence/core'
import type { Io } from '../io.ts'
import { cut, inColumns, type Yielding } from './columns.ts'
import { placeJson } from './json.ts'
import { ago } from './time.ts'
import { type Reader, whereCell, whereLine } from './where.ts'

const HEADINGS = ['SESSION', 'WHO', 'AGENT', 'HEARD OF', 'HOLDS'] as const
/** In the order in which they give way. */
const YIELDING: readonly Yielding[] = [
  [4, 14],
  [1, 12],
  [0, 14],
  [2, 6],
]

/** Where somebody works, and the order in which the columns give way beside it. */
const WHERE = 'WHERE'
const YIELDING_WHERE: readonly Yielding[] = [
  [3, 8],
  [5, 14],
  [1, 12],
  [0, 14],
  [2, 6],
]

/** Sessions as a table that fits the terminal, or each on lines of its own where even its least doesn't fit. */
export function sessionTable(
  sessions: readonly SeenSession[],
  asOf: Date,
  reader: Reader,
  io: Io,
): readonly string[] {
  const rows = sessions.map(each => cellsOf(each, asOf, reader.id))
  const [heading, ...lines] =
    withWhere(rows, sessions, reader, io) ?? inColumns([HEADINGS, ...rows], YIELDING, io.width) ?? []
  if (heading === undefined)
    return rows.flatMap((cells, at) => stacked(cells, wordsOn(sessions[at], reader), io))
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
): readonly string[] {
  return [
    oneLine(session.id) + (session.id === me ? ' (me)' : ''),
    `${oneLine(session.user)}@${oneLine(session.host)}`,
    oneLine(session.agent) + (session.place?.role === undefined ? '' : ` (${oneLine(session.place.role)})`),
    ago(lastSeen, asOf) + (state === 'live' ? '' : `, ${state}`),
    holds.map(({ label }) => oneLine(label)).join(', '),
  ]
}

/** Undefined where it tells nothing of others, or doesn't fit: then it is what is left out. */
function withWhere(
  rows: readonly (readonly string[])[],
  sessions: readonly SeenSession[],
  reader: Reader,
  io: Io,
): readonly string[] | undefined {
  const places = sessions.map(({ session }) => whereCell(session, reader))
  if (!sessions.some(({ session }, at) => session.id !== reader.id && places[at] !== '')) return undefined
  const cells = rows.map((row, at) => [...row.slice(0, 3), places[at] ?? '', ...row.slice(3)])
  return inColumns(
    [[...HEADINGS.slice(0, 3), WHERE, ...HEADINGS.slice(3)], ...cells],
    YIELDING_WHERE,
    io.width,
  )
}

function wordsOn(seen: SeenSession | undefined, reader: Reader): string {
  return seen === undefined || seen.session.id === reader.id ? '' : whereLine(seen.session, reader)
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

/** A session as every face prints it. */
export function sessionJson(
  { session, lastSeen, secondsSince, stale, state, endedAt, holds }: SeenSession,
  me: string,
) {
  return {
    session_id: session.id,
    agent_name: session.agent,
    user: session.user,
    host: session.host,
    ...placeJson(session),
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
