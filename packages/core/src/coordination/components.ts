import type { CallContext } from '../claims/context.ts'
import { type Component, parseComponent, parseNotes, parseState, parseVersion } from '../domain/component.ts'
import { idTaken, parseId } from '../domain/id.ts'
import { type Page, parseCursor, parseLimit } from '../domain/page.ts'
import { parseProject } from '../domain/project.ts'
import { accept, type Checked, type Outcome } from '../domain/refusal.ts'
import type { NewState, PastState } from '../store/port.ts'
import { saysAll } from './checks.ts'
import { coordinationOf, pageOf } from './context.ts'

export interface SetComponentOptions {
  /** The project's key. */
  readonly project: string
  readonly component: string
  /** One word: building, built, deploying, deployed, degraded, unknown, or another. */
  readonly state: string
  readonly version?: string
  readonly notes?: string
  /** Identifies this change: a second call with the same id changes nothing. @default a random UUID */
  readonly id?: string
}

export interface ListComponentsOptions {
  readonly project?: string
  readonly limit?: number
  /** The `next` of the previous page. */
  readonly after?: string
}

export interface ComponentHistoryOptions {
  readonly project: string
  readonly component: string
  readonly limit?: number
  /** The `next` of the previous page. */
  readonly before?: string
}

/** The components of projects, each with its latest reported state. */
export interface ComponentGroup {
  /** Sets the whole state: an omitted version or omitted notes are cleared. */
  set(options: SetComponentOptions): Promise<Outcome<{ readonly component: Component }>>
  /** Ordered by project and name. */
  list(options?: ListComponentsOptions): Promise<Outcome<Page<Component>>>
  /** The past states of a component, the latest first. They are kept for 90 days. */
  history(options: ComponentHistoryOptions): Promise<Outcome<Page<PastState>>>
}

/** Checks the options and returns the state to store. */
export function checkState(options: SetComponentOptions, updatedBy: string): Checked<NewState> {
  const id = parseId(options.id ?? crypto.randomUUID())
  if (!id.ok) return id
  const project = parseProject(options.project)
  if (!project.ok) return project
  const component = parseComponent(options.component)
  if (!component.ok) return component
  const state = parseState(options.state)
  if (!state.ok) return state
  const version = parseVersion(options.version)
  if (!version.ok) return version
  const notes = parseNotes(options.notes)
  if (!notes.ok) return notes
  return accept({
    id: id.value,
    project: project.value,
    component: component.value,
    state: state.value,
    version: version.value,
    notes: notes.value,
    updatedBy,
  })
}

export async function setComponent(
  context: CallContext,
  options: SetComponentOptions,
): Promise<Outcome<{ readonly component: Component }>> {
  const { session, deadline } = context
  const checked = checkState(options, session.id)
  if (!checked.ok) return checked
  const coordination = await coordinationOf(context)
  const until = deadline()
  await coordination.components.set(checked.value, until)
  const { project, component } = checked.value
  const said = await coordination.components.said(checked.value.id, until)
  const found =
    said && saysAll(said, checked.value)
      ? await coordination.components.find(project, component, until)
      : undefined
  if (found) return { ok: true, component: found }
  return idTaken('another state has the id', checked.value.id)
}

export async function listComponents(
  context: CallContext,
  options: ListComponentsOptions = {},
): Promise<Outcome<Page<Component>>> {
  const { deadline } = context
  const coordination = await coordinationOf(context)
  const project = options.project === undefined ? accept(undefined) : parseProject(options.project)
  if (!project.ok) return project
  const after = parseCursor(options.after, 0)
  if (!after.ok) return after
  const limit = parseLimit(options.limit)
  const filter = { project: project.value, rows: limit + 1, after: after.value?.[1] }
  const read = await coordination.components.list(filter, deadline())
  return { ok: true, ...pageOf(read, limit, row => [[], `${row.project}~${row.component}`]) }
}

export async function componentHistory(
  context: CallContext,
  options: ComponentHistoryOptions,
): Promise<Outcome<Page<PastState>>> {
  const { deadline } = context
  const coordination = await coordinationOf(context)
  const project = parseProject(options.project)
  if (!project.ok) return project
  const component = parseComponent(options.component)
  if (!component.ok) return component
  const before = parseCursor(options.before, 1)
  if (!before.ok) return before
  const limit = parseLimit(options.limit)
  const filter = {
    project: project.value,
    component: component.value,
    rows: limit + 1,
    before: before.value,
  }
  const read = await coordination.components.history(filter, deadline())
  return { ok: true, ...pageOf(read, limit, ({ updatedAt, id }) => [[updatedAt.getTime()], id]) }
}
