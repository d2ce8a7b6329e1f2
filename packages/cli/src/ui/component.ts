import type { Component } from '@presence/core'
import { oneLine, shortIds } from '@presence/core/internal'
import type { Io } from '../io.ts'
import { listing } from './listing.ts'
import { ago } from './time.ts'

export function componentTable(components: readonly Component[], asOf: Date, io: Io): readonly string[] {
  const short = shortIds(components.map(({ updatedBy }) => updatedBy))
  const rows = components.map(({ project, component, state, version, notes, updatedBy, updatedAt }) => [
    oneLine(component),
    oneLine(state),
    oneLine(version ?? ''),
    oneLine(project),
    oneLine(short(updatedBy)),
    ago(updatedAt, asOf),
    oneLine(notes ?? ''),
  ])
  const headings = ['COMPONENT', 'STATE', 'VERSION', 'PROJECT', 'BY', 'SINCE', 'NOTES']
  return listing(
    headings,
    rows,
    // Column and minimum width, in the order in which columns are narrowed.
    [
      [6, 5],
      [4, 8],
      [3, 8],
      [0, 9],
      [2, 7],
      [1, 8],
    ],
    io,
  )
}
