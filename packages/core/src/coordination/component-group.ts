import type { Component, PastState } from '../domain/component.ts'
import type { Page } from '../domain/page.ts'
import type { Outcome } from '../domain/refusal.ts'

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
