import type { CallContext } from '../claims/context.ts'
import {
  type Component,
  type PastState,
  parseComponent,
  parseNotes,
  parseState,
  parseVersion,
} from '../domain/component.ts'
import { idTaken, parseId } from '../domain/id.ts'
import { type Page, parseCursor, parseLimit } from '../domain/page.ts'
import { parseProject } from '../domain/project.ts'
import { accept, type Checked, type Outcome } from '../domain/refusal.ts'
import type { NewState } from '../store/port/coordination.ts'
import { saysAll } from './checks.ts'
import { coordinationOf, pageOf } from './context.ts'

/** The options of {@link ComponentGroup.set}. */
export interface SetComponentOptions {
  /**
   * The project's key: lower-case letters, digits, `.`, `_` and `-`, at most 64. Refused with
   * `invalid_project`.
   */
  readonly project: string
  /** The name of the component: one word or more, at most 64 characters. Refused with `invalid_component`. */
  readonly component: string
  /**
   * One of {@link COMPONENT_STATES}, or another word of at most 64 characters. Refused with
   * `invalid_component`.
   */
  readonly state: string
  /**
   * The version that the state is about. At most 128 characters.
   * @default cleared
   */
  readonly version?: string
  /**
   * At most 4,000 characters.
   * @default cleared
   */
  readonly notes?: string
  /**
   * Identifies this change: a second call with the same id changes nothing. At most 64 letters, digits, `-`,
   * `_` and `.`. Refused with `invalid_id`, or with `id_taken` if something else has the id.
   * @default a random UUID
   */
  readonly id?: string
}

/** The options of {@link ComponentGroup.list}. */
export interface ListComponentsOptions {
  /**
   * Only those of this project. Refused with `invalid_project`.
   * @default all projects
   */
  readonly project?: string
  /**
   * The number of rows per page, at most 500.
   * @default 50
   */
  readonly limit?: number
  /**
   * The `next` of the previous page. Refused with `invalid_cursor`.
   * @default the first page
   */
  readonly after?: string
}

/** The options of {@link ComponentGroup.history}. */
export interface ComponentHistoryOptions {
  /** The project's key. */
  readonly project: string
  /** The name of the component. */
  readonly component: string
  /**
   * The number of rows per page, at most 500.
   * @default 50
   */
  readonly limit?: number
  /**
   * The `next` of the previous page. Refused with `invalid_cursor`.
   * @default the first page
   */
  readonly before?: string
}

/** The components of projects, each with its latest reported state. */
export interface ComponentGroup {
  /**
   * Sets the whole state of a component: an omitted version or omitted notes are cleared.
   *
   * Refused with `invalid_project`, `invalid_component`, `invalid_id` or `id_taken`.
   *
   * @example
   * ```ts
   * await board.components.set({ project: 'shop', component: 'server', state: 'deployed', version: '1.4.0' })
   * ```
   */
  set(options: SetComponentOptions): Promise<Outcome<{ readonly component: Component }>>
  /**
   * Lists the components with their latest states, ordered by project and name. Refused with
   * `invalid_project` or `invalid_cursor`.
   *
   * @example
   * ```ts
   * const said = await board.components.list({ project: 'shop' })
   * if (said.ok) for (const { component, state } of said.rows) console.log(component, state)
   * ```
   */
  list(options?: ListComponentsOptions): Promise<Outcome<Page<Component>>>
  /**
   * Lists the past states of a component, the latest first. They are kept for 90 days. Refused with
   * `invalid_project`, `invalid_component` or `invalid_cursor`.
   *
   * @example
   * ```ts
   * const said = await board.components.history({ project: 'shop', component: 'server' })
   * if (said.ok) for (const { state, updatedAt } of said.rows) console.log(updatedAt.toISOString(), state)
   * ```
   */
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
