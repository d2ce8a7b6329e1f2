import { type Claim, idleSince, neverExpires } from '@presence/core'
import { oneLine } from '@presence/core/internal'
import type { Io } from '../io.ts'
import { cut, inColumns, type Yielding } from './columns.ts'
import { ago, duration } from './time.ts'
import { othersWhere, type Reader, withWhere } from './where.ts'

const HEADINGS = ['LABEL', 'SESSION', 'PURPOSE', 'SINCE', 'LEFT'] as const
/** Shown instead of the time left for a claim that never expires. */
const NEVER = 'never'
/** In the order in which columns are narrowed. */
const YIELDING: readonly Yielding[] = [
  [2, 14],
  [1, 14],
  [0, 14],
]
/** The order if the column WHERE is shown, as the third: label and purpose are more important than it. */
const YIELDING_WHERE: readonly Yielding[] = [
  [2, 16],
  [3, 24],
  [1, 18],
  [2, 12],
  [3, 20],
  [1, 14],
]

/**
 * Claims as a table that fits the terminal: purpose, session and label are narrowed in this order. If it
 * doesn't fit even then, each claim gets several lines. If it is known where others work, that is shown too.
 *
 * @param reader the session at whose terminal this is shown
 */
export function claimTable(claims: readonly Claim[], asOf: Date, reader: Reader, io: Io): readonly string[] {
  const rows = claims.map(claim => cellsOf(claim, asOf, reader.id))
  const [heading, ...lines] =
    withWhere(
      {
        headings: HEADINGS,
        rows,
        sessions: claims.map(each => each.session),
        at: 2,
        yielding: YIELDING_WHERE,
      },
      reader,
      io.width,
    ) ??
    inColumns([HEADINGS, ...rows], YIELDING, io.width) ??
    []
  if (heading === undefined)
    return rows.flatMap((cells, at) => stacked(cells, othersWhere(claims[at]?.session, reader), io))
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
  const since = idleSince(claim, asOf)
  return since ? `${left}, ${duration(asOf.getTime() - since.getTime(), 'short')} idle` : left
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
    ...(alone ? [`  ${alone}`] : []),
  ]
  return lines.map((line, at) => (at === 0 ? line : cut(line, io.width)))
}
