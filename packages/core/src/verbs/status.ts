import type { Deadline } from '../deadline.ts'
import { type Claim, isLive } from '../domain/claim.ts'
import type { Component } from '../domain/component.ts'
import { type SessionState, sessionsIn } from '../domain/seen.ts'
import { type CoClaim, standingOf } from '../domain/standing.ts'
import { ITEM_STATUSES, type ItemStatus, WORKFLOW_COURSE, type Workflow } from '../domain/work.ts'
import type { Store } from '../store/port.ts'

/** So many are shown of what changed last. */
const COMPONENTS_SHOWN = 20
const WORKFLOWS_SHOWN = 50

/** A workflow that has not ended, and how many items of each status it has. */
export interface WorkflowProgress {
  readonly workflow: Workflow
  readonly items: Readonly<Record<ItemStatus, number>>
}

/** What is going on, at a glance. */
export interface Status {
  /** Undefined: of all projects. */
  readonly project: string | undefined
  /** Everybody's live claims, shared and exclusive, the oldest first: a claim has no project. */
  readonly claims: readonly Claim[]
  /** Those whose state was set last, the latest first: 20 at most. */
  readonly components: readonly Component[]
  /** Those that have not ended, the latest made first: 50 at most. */
  readonly workflows: readonly WorkflowProgress[]
  /** How many messages this session has not read. */
  readonly unread: number
  /** How many sessions are in each state. */
  readonly sessions: Readonly<Record<SessionState, number>>
  /** The database's now that the claims were read at. */
  readonly asOf: Date
  /** Where others hold what I hold. */
  readonly coClaims: readonly CoClaim[]
}

export async function status(
  store: Store,
  sessionId: string,
  project: string | undefined,
  deadline: Deadline,
): Promise<Status> {
  const { messages, components, workflows, items } = await store.coordination()
  const registered = await store.sessions({ which: 'there' }, deadline)
  const snapshot = await store.read({ whole: true }, sessionId, deadline)
  const seen = sessionsIn(snapshot, registered)
  const states = Map.groupBy(seen, ({ state }) => state)
  const gone = await store.countGone(deadline)
  const countOf = (state: SessionState) => states.get(state)?.length ?? 0
  const going = WORKFLOW_COURSE.statuses.filter(each => !WORKFLOW_COURSE.isEnd[each])
  const active = await workflows.list(
    { project, statuses: going, rows: WORKFLOWS_SHOWN, after: undefined },
    deadline,
  )
  const counts = await items.counts(
    active.rows.map(({ id }) => id),
    deadline,
  )
  return {
    project,
    claims: snapshot.claims.filter(claim => isLive(claim, snapshot.asOf)),
    components: (await components.latest(project, COMPONENTS_SHOWN, deadline)).rows,
    workflows: active.rows.map(workflow => ({
      workflow,
      items: itemsOf(counts.filter(({ workflowId }) => workflowId === workflow.id)),
    })),
    unread: await messages.unread(sessionId, project, deadline),
    sessions: { live: countOf('live'), stale: countOf('stale'), inactive: gone },
    asOf: snapshot.asOf,
    coClaims: standingOf(snapshot, sessionId).coClaims,
  }
}

function itemsOf(counts: readonly { readonly status: ItemStatus; readonly count: number }[]) {
  const countOf = (status: ItemStatus) => counts.find(each => each.status === status)?.count ?? 0
  return Object.fromEntries(ITEM_STATUSES.map(status => [status, countOf(status)])) as Record<
    ItemStatus,
    number
  >
}
