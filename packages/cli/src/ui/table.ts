import { type Claim, neverExpires, oneLine } from '@presence/core'
import type { Io } from '../io.ts'
import { cut, inColumns, type Yielding } from './columns.ts'
import { ago, duration } from './time.ts'

const HEADINGS = ['LABEL', 'SESSION', 'PURPOSE', 'SINCE', 'LEFT'] as const
/** In the place of what is left of a claim that never expires. */
const NEVER = 'never'
/** In the order in which they give way. */
const YIELDING: readonly Yielding[] = [
  [2, 14],
  [1, 14],
  [0, 14],
]

/**
 * Claims as a table that fits the terminal: purpose, session and label give way in this order. Where even their least
 * doesn't fit, each claim stands on lines of its own.
 */
export function claimTable(
  claims: readonly Claim[],
  asOf: Date,
  sessionId: string,
  io: Io,
): readonly string[] {
  const rows = claims.map(claim => cellsOf(claim, asOf, sessionId))
  const [heading, ...lines] = inColumns([HEADINGS, ...rows], YIELDING, io.width) ?? []
  if (heading === undefined) return rows.flatMap(cells => stacked(cells, io))
  return [
    io.paint('dim', heading),
    ...lines.map((line, at) => (claims[at]?.session.id === sessionId ? io.paint('cyan', line) : line)),
  ]
}

function cellsOf(claim: Claim, asOf: Date, sessionId: string): readonly string[] {
  const me = claim.session.id === sessionId ? ' (me)' : ''
  return [
    oneLine(claim.label) + (claim.token === undefined ? '' : ' (exclusive)'),
    oneLine(claim.session.id) + me,
    oneLine(claim.purpose),
    ago(claim.claimedAt, asOf),
    neverExpires(claim) ? NEVER : duration(claim.expiresAt.getTime() - asOf.getTime()),
  ]
}

function stacked([label = '', session = '', purpose = '', since = '', left = '']: readonly string[], io: Io) {
  const lines = [
    io.paint('bold', cut(label, io.width)),
    `  ${purpose}`,
    `  ${session}`,
    left === NEVER ? `  never expires, ${since}` : `  ${since}, ${left} left`,
  ]
  return lines.map((line, at) => (at === 0 ? line : cut(line, io.width)))
}
