import type { Workflow, WorkItem } from '@presence/core'
import { oneLine, shortIds } from '@presence/core/internal'
import type { Io } from '../io.ts'
import { listing } from './listing.ts'
import { ago } from './time.ts'

export function workflowTable(workflows: readonly Workflow[], asOf: Date, io: Io): readonly string[] {
  const short = shortIds(workflows.map(({ id }) => id))
  const rows = workflows.map(({ id, status, name, project, updatedAt }) => [
    oneLine(name),
    status,
    oneLine(project),
    ago(updatedAt, asOf),
    oneLine(short(id)),
  ])
  return listing(
    ['NAME', 'STATUS', 'PROJECT', 'CHANGED', 'ID'],
    rows,
    [
      [0, 14],
      [2, 8],
    ],
    io,
  )
}

export function itemTable(items: readonly WorkItem[], io: Io): readonly string[] {
  const short = shortIds(items.flatMap(({ id, assignedTo = id }) => [id, assignedTo]))
  const rows = items.map(({ id, status, title, priority, assignedTo }) => [
    oneLine(title),
    status,
    String(priority),
    assignedTo === undefined ? '' : oneLine(short(assignedTo)),
    oneLine(short(id)),
  ])
  return listing(
    ['TITLE', 'STATUS', 'PRIORITY', 'ASSIGNED', 'ID'],
    rows,
    [
      [0, 14],
      [3, 8],
    ],
    io,
  )
}
