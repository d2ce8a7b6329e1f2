import { PAGE_ROWS_DEFAULT, PAGE_ROWS_MAX } from './limits.ts'
import { accept, type Checked, refuse } from './refusal.ts'

/** Some of many rows. */
export interface Page<Row> {
  readonly rows: readonly Row[]
  /** Where the next page goes on; undefined on the last one. */
  readonly next: string | undefined
  /** The database's now that they were read at. */
  readonly asOf: Date
}

/** How many rows a page has. @param input undefined: 50 unless told; 500 at most */
export function parseLimit(input: number | undefined): number {
  return Math.max(1, Math.min(Math.trunc(input ?? PAGE_ROWS_DEFAULT) || PAGE_ROWS_DEFAULT, PAGE_ROWS_MAX))
}

/** What a list is sorted by, of the last row of a page: whole numbers, then a text. */
export type Position = readonly [numbers: readonly number[], text: string]

export function toCursor([numbers, text]: Position): string {
  return [...numbers, text].join('~')
}

/** @param numbers how many whole numbers the list is sorted by before its text */
export function parseCursor(input: string | undefined, numbers: number): Checked<Position | undefined> {
  if (input === undefined) return accept(undefined)
  const parts = input.split('~')
  const values = parts.slice(0, numbers).map(part => (/^\d{1,15}$/.test(part) ? Number(part) : Number.NaN))
  const text = parts.slice(numbers).join('~')
  if (values.length === numbers && !values.includes(Number.NaN) && text !== '' && text.isWellFormed())
    return accept([values, text])
  return refuse({
    code: 'invalid_cursor',
    message: 'that is no place where a list goes on',
    remedy: 'give what the page before it called next',
  })
}
