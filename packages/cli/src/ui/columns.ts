import truncated from 'fast-string-truncated-width'

/** A column that may be narrowed, and its minimum width. */
export type Yielding = readonly [column: number, least: number]

const GAP = '  '

/**
 * Lays rows out in columns that fit the terminal, one line per row. Columns are narrowed in the order of
 * `yielding`. Returns undefined if the rows don't fit even then: such rows need several lines each.
 *
 * cli-table3 is not used, because loading it took 0.3 times as long as `node -e 0`; the budget for the whole
 * command is 2 times as long.
 */
export function inColumns(
  rows: readonly (readonly string[])[],
  yielding: readonly Yielding[],
  width: number,
): readonly string[] | undefined {
  const widths = fit(rows, yielding, width)
  return (
    widths &&
    rows.map(cells =>
      cells
        .map((cell, at) => pad(cell, widths[at] ?? 0))
        .join(GAP)
        .trimEnd(),
    )
  )
}

function fit(
  rows: readonly (readonly string[])[],
  yielding: readonly Yielding[],
  width: number,
): readonly number[] | undefined {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => widthOf(row[column] ?? ''))))
  let over = widths.reduce((sum, each) => sum + each, 0) + GAP.length * (widths.length - 1) - width
  for (const [column, least] of yielding) {
    const has = widths[column] ?? 0
    const given = Math.max(0, Math.min(over, has - least))
    widths[column] = has - given
    over -= given
  }
  return over > 0 ? undefined : widths
}

/** Columns that a text takes: wide characters take two, combining characters none. */
export function widthOf(text: string): number {
  return truncated(text).width
}

function pad(text: string, width: number): string {
  return padTo(cut(text, width), width)
}

/** Fills a text with blanks to this width. */
export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)))
}

/** A mark at the end of a cell, which is kept when the cell is cut. */
const MARK = / \((me|exclusive|me, exclusive|automatic)\)$/

/** With fewer columns than this before it, the mark is cut too. */
const MARKED_MIN = 6

/** The beginning of a text that fits, with an ellipsis if something was cut. A mark at its end is kept. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  const [mark = ''] = MARK.exec(text) ?? []
  if (mark !== '' && width >= mark.length + MARKED_MIN)
    return cut(text.slice(0, -mark.length), width - mark.length) + mark
  const chars = [...text]
  let fits = 0
  for (let over = chars.length; over - fits > 1; ) {
    const at = (fits + over) >> 1
    if (widthOf(chars.slice(0, at).join('')) < width) fits = at
    else over = at
  }
  return `${chars.slice(0, fits).join('')}…`
}
