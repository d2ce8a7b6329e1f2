import type { Claim } from '@presence/core'
import { oneLine } from '@presence/core'
import truncated from 'fast-string-truncated-width'
import type { Io } from '../io.ts'
import { ago, duration } from './time.ts'

const HEADINGS = ['LABEL', 'SESSION', 'PURPOSE', 'SINCE', 'LEFT'] as const
/** The columns that may be cut, in the order in which they give way, and the least that is left of each. */
const YIELDING: readonly (readonly [column: number, least: number])[] = [
  [2, 14],
  [1, 14],
  [0, 14],
]
const GAP = '  '

/**
 * Claims as a table that fits the terminal: purpose, session and label give way in this order. Where even their least
 * doesn't fit, each claim stands on lines of its own.
 *
 * Own layout, not a library's: cli-table3, the kept one, took 0.3 × `node -e 0` to load, of a budget of 2 for the whole
 * command.
 */
export function claimTable(
  claims: readonly Claim[],
  asOf: Date,
  sessionId: string,
  io: Io,
): readonly string[] {
  const rows = claims.map(claim => cellsOf(claim, asOf, sessionId))
  const widths = fit([HEADINGS, ...rows], io.width)
  if (!widths) return rows.flatMap(cells => stacked(cells, io))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => pad(cell, widths[at] ?? 0))
      .join(GAP)
      .trimEnd()
  return [
    io.paint('dim', line(HEADINGS)),
    ...rows.map((cells, at) =>
      claims[at]?.session.id === sessionId ? io.paint('cyan', line(cells)) : line(cells),
    ),
  ]
}

function cellsOf(claim: Claim, asOf: Date, sessionId: string): readonly string[] {
  const me = claim.session.id === sessionId ? ' (me)' : ''
  return [
    oneLine(claim.label),
    oneLine(claim.session.id) + me,
    oneLine(claim.purpose),
    ago(claim.claimedAt, asOf),
    duration(claim.expiresAt.getTime() - asOf.getTime()),
  ]
}

function fit(rows: readonly (readonly string[])[], width: number): readonly number[] | undefined {
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map(row => widthOf(row[column] ?? ''))))
  let over = widths.reduce((sum, each) => sum + each, 0) + GAP.length * (widths.length - 1) - width
  for (const [column, least] of YIELDING) {
    const has = widths[column] ?? 0
    const given = Math.max(0, Math.min(over, has - least))
    widths[column] = has - given
    over -= given
  }
  return over > 0 ? undefined : widths
}

function stacked([label = '', session = '', purpose = '', since = '', left = '']: readonly string[], io: Io) {
  const lines = [
    io.paint('bold', cut(label, io.width)),
    `  ${purpose}`,
    `  ${session}`,
    `  ${since}, ${left} left`,
  ]
  return lines.map((line, at) => (at === 0 ? line : cut(line, io.width)))
}

/** Columns that a text takes: wide characters take two, combining ones none. */
function widthOf(text: string): number {
  return truncated(text).width
}

function pad(text: string, width: number): string {
  const fitted = cut(text, width)
  return fitted + ' '.repeat(Math.max(0, width - widthOf(fitted)))
}

function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  const chars = [...text]
  let fits = 0
  for (let over = chars.length; over - fits > 1; ) {
    const at = (fits + over) >> 1
    if (widthOf(chars.slice(0, at).join('')) < width) fits = at
    else over = at
  }
  return `${chars.slice(0, fits).join('')}…`
}
