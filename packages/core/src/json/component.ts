import { momentOf } from '../domain/claim.ts'
import type { Component, PastState } from '../domain/component.ts'

/** A component as every interface of presence shows it: the CLI, `/api/v1` and this library. */
export interface ComponentJson {
  /** The project's key. */
  readonly project_key: string
  /** The name of the component. */
  readonly component: string
  /** The state that a session last reported. */
  readonly state: string
  /** The version that the state is about. */
  readonly version: string | null
  /** What the session said about it. */
  readonly notes: string | null
  /** The id of the session that set the state. */
  readonly updated_by: string
  /** When it was set: ISO 8601 in UTC with milliseconds. */
  readonly updated_at: string
}

/** A state in a component's history. */
export interface PastStateJson extends ComponentJson {
  /** The id of the change that set it. */
  readonly id: string
}

/**
 * A component as JSON, with the same keys as in every other interface of presence.
 *
 * @example
 * ```ts
 * const said = await board.components.list()
 * if (said.ok) console.log(JSON.stringify(said.rows.map(componentJson)))
 * ```
 */
export function componentJson(component: Component): ComponentJson {
  return {
    project_key: component.project,
    component: component.component,
    state: component.state,
    version: component.version ?? null,
    notes: component.notes ?? null,
    updated_by: component.updatedBy,
    updated_at: component.updatedAt.toISOString(),
  }
}

/**
 * A state in a component's history as JSON: the keys of a component, and the id of the change.
 *
 * @example
 * ```ts
 * const said = await board.components.history({ project: 'shop', component: 'server' })
 * if (said.ok) console.log(JSON.stringify(said.rows.map(pastStateJson)))
 * ```
 */
export function pastStateJson(state: PastState): PastStateJson {
  return { id: state.id, ...componentJson(state) }
}

/** The component that `componentJson` was given. Keys of a later version are ignored. */
export function componentOfJson(json: ComponentJson): Component {
  return {
    project: json.project_key,
    component: json.component,
    state: json.state,
    version: json.version ?? undefined,
    notes: json.notes ?? undefined,
    updatedBy: json.updated_by,
    updatedAt: momentOf(new Date(json.updated_at)),
  }
}

/** The state that `pastStateJson` was given. */
export function pastStateOfJson(json: PastStateJson): PastState {
  return { id: json.id, ...componentOfJson(json) }
}
