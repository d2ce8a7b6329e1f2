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
import type {
  ComponentHistoryOptions,
  ListComponentsOptions,
  SetComponentOptions,
} from './component-group.ts'
import { coordinationOf, pageOf } from './context.ts'

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
