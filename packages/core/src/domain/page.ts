import { PAGE_ROWS_DEFAULT, PAGE_ROWS_MAX } from './limits.ts'
import { accept, type Checked, refuse } from './refusal.ts'

/** One page of a longer list. */
export interface Page<Row> {
  /** The entries of this page. */
  readonly rows: readonly Row[]
  /** The cursor of the next page. Undefined on the last page. */
  readonly next: string | undefined
  /** The database's time at the read. */
  readonly asOf: Date
}

/**
 * The number of rows per page.
 * @param input the requested number, at most 500. Undefined: 50
 */
export function parseLimit(input: number | undefined): number {
  return Math.max(1, Math.min(Math.trunc(input ?? PAGE_ROWS_DEFAULT) || PAGE_ROWS_DEFAULT, PAGE_ROWS_MAX))
}

/** The sort key of a page's last row: whole numbers, then a text. */
export type Position = readonly [numbers: readonly number[], text: string]

export function toCursor([numbers, text]: Position): string {
  return [...numbers, text].join('~')
}

/** @param numbers how many whole numbers the sort key has before its text */
export function parseCursor(input: string | undefined, numbers: number): Checked<Position | undefined> {
  if (input === undefined) return accept(undefined)
  const parts = input.split('~')
  const values = parts.slice(0, numbers).map(part => (/^\d{1,15}$/.test(part) ? Number(part) : Number.NaN))
  const text = parts.slice(numbers).join('~')
  if (values.length === numbers && !values.includes(Number.NaN) && text !== '' && text.isWellFormed())
    return accept([values, text])
  return refuse({
    code: 'invalid_cursor',
    message: 'the cursor is not valid',
    remedy: 'give the value of next from the previous page',
  })
}
