import { type Claim, leftAloneSince, neverExpires, oneLine } from '@presence/core'
import type { Io } from '../io.ts'
import { cut, inColumns, type Yielding } from './columns.ts'
import { ago, duration } from './time.ts'
import { type Reader, whereCell, whereLine } from './where.ts'

const HEADINGS = ['LABEL', 'SESSION', 'PURPOSE', 'SINCE', 'LEFT'] as const
/** In the place of what is left of a claim that never expires. */
const NEVER = 'never'
/** In the order in which they give way. */
const YIELDING: readonly Yielding[] = [
  [2, 14],
  [1, 14],
  [0, 14],
]
/** Where somebody works, and the order in which the columns give way beside it: what is changed and why come before it. */
const WHERE = 'WHERE'
const YIELDING_WHERE: readonly Yielding[] = [
  [2, 16],
  [3, 24],
  [1, 18],
  [2, 12],
  [3, 20],
  [1, 14],
]

/**
 * Claims as a table that fits the terminal: purpose, session and label give way in this order. Where even their least
 * doesn't fit, each claim stands on lines of its own. Where it is known of others where they work, that is shown too.
 *
 * @param reader whose terminal it is
 */
export function claimTable(claims: readonly Claim[], asOf: Date, reader: Reader, io: Io): readonly string[] {
  const rows = claims.map(claim => cellsOf(claim, asOf, reader.id))
  const [heading, ...lines] =
    withWhere(rows, claims, reader, io) ?? inColumns([HEADINGS, ...rows], YIELDING, io.width) ?? []
  if (heading === undefined)
    return rows.flatMap((cells, at) => stacked(cells, wordsOn(claims[at], reader), io))
  return [
    io.paint('dim', heading),
    ...lines.map((line, at) => (claims[at]?.session.id === reader.id ? io.paint('cyan', line) : line)),
  ]
}

function cellsOf(claim: Claim, asOf: Date, sessionId: string): readonly string[] {
  const me = claim.session.id === sessionId ? ' (me)' : ''
  return [
    oneLine(claim.label) + (claim.token === undefined ? '' : ' (exclusive)'),
    oneLine(claim.session.id) + me,
    oneLine(claim.purpose),
    ago(claim.claimedAt, asOf),
    leftOf(claim, asOf),
  ]
}

function leftOf(claim: Claim, asOf: Date): string {
  const left = neverExpires(claim) ? NEVER : duration(claim.expiresAt.getTime() - asOf.getTime())
  const since = leftAloneSince(claim, asOf)
  return since ? `${left}, ${duration(asOf.getTime() - since.getTime(), 'short')} alone` : left
}

/** Undefined where it tells nothing, or doesn't fit: then it is what is left out. */
function withWhere(
  rows: readonly (readonly string[])[],
  claims: readonly Claim[],
  reader: Reader,
  io: Io,
): readonly string[] | undefined {
  const places = claims.map(({ session }) => whereCell(session, reader))
  if (!claims.some((claim, at) => !isOwn(claim, reader) && places[at] !== '')) return undefined
  const cells = rows.map((row, at) => [...row.slice(0, 2), places[at] ?? '', ...row.slice(2)])
  const headings = [...HEADINGS.slice(0, 2), WHERE, ...HEADINGS.slice(2)]
  return inColumns([headings, ...cells], YIELDING_WHERE, io.width)
}

function isOwn({ session }: Claim, reader: Reader): boolean {
  return session.id === reader.id
}

function wordsOn(claim: Claim | undefined, reader: Reader): string {
  return claim === undefined || isOwn(claim, reader) ? '' : whereLine(claim.session, reader)
}

function stacked(
  [label = '', session = '', purpose = '', since = '', left = '']: readonly string[],
  where: string,
  io: Io,
) {
  const [time, alone] = left.split(', ')
  const lines = [
    io.paint('bold', cut(label, io.width)),
    `  ${purpose}`,
    `  ${session}`,
    ...(where ? [`  ${where}`] : []),
    time === NEVER ? `  never expires, ${since}` : `  ${since}, ${time} left`,
    ...(alone ? [`  left ${alone}`] : []),
  ]
  return lines.map((line, at) => (at === 0 ? line : cut(line, io.width)))
}
