import type { CallContext } from '../claims/context.ts'
import { listedOf } from '../claims/list.ts'
import type { Deadline } from '../deadline.ts'
import type { Claim } from '../domain/claim.ts'
import type { Component } from '../domain/component.ts'
import { parseProject } from '../domain/project.ts'
import { accept, type Outcome } from '../domain/refusal.ts'
import type { SessionState } from '../domain/seen.ts'
import type { CoClaim } from '../domain/session-view.ts'
import { ITEM_STATUSES, type ItemStatus, WORKFLOW_COURSE, type WorkflowProgress } from '../domain/work.ts'
import type { Store } from '../store/port/store.ts'

/** How many claims, components and workflows are shown. `Status` says which ones. */
const CLAIMS_SHOWN = 200
const COMPONENTS_SHOWN = 20
const WORKFLOWS_SHOWN = 50

/** A summary of the board. */
export interface Status {
  /** Undefined: all projects. */
  readonly project: string | undefined
  /**
   * The live claims of all sessions that were made or extended last, plus this session's own claims and other
   * sessions' claims on the same labels, sorted by age, the oldest first. About 200 shared and 200 exclusive
   * ones. A claim has no project.
   */
  readonly claims: readonly Claim[]
  /** How many live claims are not in `claims`, counted up to 1,000. Absent for 0. */
  readonly moreClaims?: number
  /** The components whose state was set last, the latest first. At most 20. */
  readonly components: readonly Component[]
  /** The workflows that have not ended, the newest first. At most 50. */
  readonly workflows: readonly WorkflowProgress[]
  /** The number of messages that this session has not read. */
  readonly unread: number
  /** The number of sessions in each state. */
  readonly sessions: Readonly<Record<SessionState, number>>
  /** The database's time when the claims were read. */
  readonly asOf: Date
  /** The labels of this session that other sessions also hold. */
  readonly coClaims: readonly CoClaim[]
}

export async function status(
  store: Store,
  sessionId: string,
  project: string | undefined,
  deadline: Deadline,
): Promise<Status> {
  const { messages, components, workflows, items } = await store.coordination()
  const sessions = await store.countSessions(deadline)
  const snapshot = await store.read({ latest: CLAIMS_SHOWN }, sessionId, deadline)
  const { claims, moreClaims, asOf, coClaims } = listedOf(snapshot, sessionId)
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
    claims,
    ...(moreClaims === undefined ? {} : { moreClaims }),
    components: (await components.latest(project, COMPONENTS_SHOWN, deadline)).rows,
    workflows: active.rows.map(workflow => ({
      workflow,
      items: itemsOf(counts.filter(({ workflowId }) => workflowId === workflow.id)),
    })),
    unread: await messages.unread(sessionId, project, deadline),
    sessions,
    asOf,
    coClaims,
  }
}

function itemsOf(counts: readonly { readonly status: ItemStatus; readonly count: number }[]) {
  const countOf = (status: ItemStatus) => counts.find(each => each.status === status)?.count ?? 0
  return Object.fromEntries(ITEM_STATUSES.map(status => [status, countOf(status)])) as Record<
    ItemStatus,
    number
  >
}

export interface StatusInput {
  readonly project?: string
}

export async function statusCall(
  { store, session, deadline }: CallContext,
  input: StatusInput,
): Promise<Outcome<Status>> {
  const project = input.project === undefined ? accept(undefined) : parseProject(input.project)
  if (!project.ok) return project
  return { ok: true, ...(await status(store, session.id, project.value, deadline())) }
}
