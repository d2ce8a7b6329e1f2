import type { Io } from '../io.ts'
import { cut, inColumns, type Yielding } from './columns.ts'

/**
 * A table that fits the terminal. If it doesn't fit even at its narrowest, each row gets several lines, its
 * first cell first.
 */
export function listing(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  yielding: readonly Yielding[],
  io: Io,
): readonly string[] {
  const [heading, ...lines] = inColumns([headings, ...rows], yielding, io.width) ?? []
  if (heading !== undefined) return [io.paint('dim', heading), ...lines]
  return rows.flatMap(([first = '', ...rest]) => [
    io.paint('bold', cut(first, io.width)),
    ...rest.filter(cell => cell !== '').map(cell => cut(`  ${cell}`, io.width)),
  ])
}

/** How to get the next page. */
export function nextNote(next: string | undefined, option: string): readonly string[] {
  return next === undefined ? [] : [`there is more: ${option} ${next}`]
}
