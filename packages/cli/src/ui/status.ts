import {
  componentJson,
  ITEM_STATUSES,
  type Session,
  type Status,
  type WorkflowProgress,
  workflowProgressJson,
} from '@presence/core'
import { counted, LIVE_COUNTED_MAX, oneLine } from '@presence/core/internal'
import type { Io } from '../io.ts'
import { componentTable } from './component.ts'
import { claimsJson } from './json.ts'
import { listing } from './listing.ts'
import { claimTable } from './table.ts'

export function statusLines(status: Status, reader: Session, io: Io): readonly string[] {
  const { claims, moreClaims = 0, components, workflows, asOf } = status
  const of = status.project === undefined ? '' : ` of ${status.project}`
  const heading = (text: string) => io.paint('bold', text)
  return [
    ...(claims.length === 0 ? ['presence: no active claims'] : claimTable(claims, asOf, reader, io)),
    ...moreLine(claims.length, moreClaims),
    '',
    ...(components.length === 0
      ? [`presence: no components${of}`]
      : [heading(`Components${of}`), ...componentTable(components, asOf, io)]),
    '',
    ...(workflows.length === 0
      ? [`presence: no open workflows${of}`]
      : [heading(`Workflows${of}`), ...workflowTable(workflows, io)]),
    '',
    ...summary(status),
  ]
}

/** Live claims are only counted up to a limit; at the limit there may be more. */
function moreLine(shown: number, more: number): readonly string[] {
  if (more === 0) return []
  const atLeast = shown + more >= LIVE_COUNTED_MAX ? 'at least ' : ''
  return [`presence: and ${atLeast}${counted(more, 'more claim')}: presence list`]
}

function workflowTable(workflows: readonly WorkflowProgress[], io: Io): readonly string[] {
  const rows = workflows.map(({ workflow, items }) => [
    oneLine(workflow.name),
    workflow.status,
    ITEM_STATUSES.filter(status => items[status] > 0)
      .map(status => `${items[status]} ${status}`)
      .join(', '),
  ])
  return listing(
    ['NAME', 'STATUS', 'ITEMS'],
    rows,
    [
      [0, 14],
      [2, 9],
    ],
    io,
  )
}

function summary({ unread, sessions }: Status): readonly string[] {
  const { live, stale, inactive } = sessions
  return [
    `presence: ${counted(unread, 'unread message')}${unread === 0 ? '' : ': presence message inbox'}`,
    `presence: sessions: ${live} live, ${stale} stale, ${inactive} inactive`,
  ]
}

export function statusJson(status: Status, me: string) {
  return {
    project_key: status.project ?? null,
    claims: claimsJson(status.claims, { me, asOf: status.asOf }),
    more_claims: status.moreClaims ?? 0,
    components: status.components.map(componentJson),
    workflows: status.workflows.map(workflowProgressJson),
    unread: status.unread,
    sessions: status.sessions,
    as_of: status.asOf.toISOString(),
  }
}
