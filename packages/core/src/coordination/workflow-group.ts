import type { Page } from '../domain/page.ts'
import type { Outcome } from '../domain/refusal.ts'
import type { Workflow } from '../domain/work.ts'

/** The options of {@link WorkflowGroup.add}. */
export interface AddWorkflowOptions {
  /**
   * The project's key: lower-case letters, digits, `.`, `_` and `-`, at most 64. Refused with
   * `invalid_project`.
   */
  readonly project: string
  /** One line, at most 255 characters. Refused with `invalid_work`. */
  readonly name: string
  /**
   * At most 4,000 characters. Refused with `invalid_work`.
   * @default none
   */
  readonly description?: string
  /**
   * One of {@link WORKFLOW_STATUSES}. Refused with `invalid_work`.
   * @default `planning`
   */
  readonly status?: string
  /**
   * Identifies the workflow: adding it twice with the same id adds it once. At most 64 letters, digits, `-`,
   * `_` and `.`. Refused with `invalid_id`, or with `id_taken` if something else has the id.
   * @default a random UUID
   */
  readonly id?: string
}

/** The options of {@link WorkflowGroup.list}. */
export interface ListWorkflowsOptions {
  /**
   * Only those of this project. Refused with `invalid_project`.
   * @default all projects
   */
  readonly project?: string
  /**
   * Only workflows with one of these statuses: see {@link WORKFLOW_STATUSES}. Refused with `invalid_work`.
   * @default all
   */
  readonly statuses?: readonly string[]
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

/** The options of {@link WorkflowGroup.set}. Fields that are not given stay unchanged. */
export interface SetWorkflowOptions {
  /** The id of the workflow. */
  readonly id: string
  /**
   * The new status: see {@link WORKFLOW_STATUSES}.
   * @default unchanged
   */
  readonly status?: string
  /**
   * The new name.
   * @default unchanged
   */
  readonly name?: string
  /**
   * The new description. An empty text removes it.
   * @default unchanged
   */
  readonly description?: string
  /**
   * Allows a new status although the workflow has ended.
   * @default false
   */
  readonly reopen?: boolean
}

/** Work with several steps that lasts longer than a session. */
export interface WorkflowGroup {
  /**
   * Adds a workflow. Refused with `invalid_project`, `invalid_work`, `invalid_id` or `id_taken`.
   *
   * @example
   * ```ts
   * const said = await board.workflows.add({ project: 'shop', name: 'move to the new cluster' })
   * if (said.ok) await board.items.add({ workflow: said.workflow.id, title: 'move the database' })
   * ```
   */
  add(options: AddWorkflowOptions): Promise<Outcome<{ readonly workflow: Workflow }>>
  /**
   * Lists workflows, the latest created first. Refused with `invalid_project`, `invalid_work` or
   * `invalid_cursor`.
   *
   * @example
   * ```ts
   * const said = await board.workflows.list({ statuses: ['active', 'blocked'] })
   * if (said.ok) for (const { name, status } of said.rows) console.log(name, status)
   * ```
   */
  list(options?: ListWorkflowsOptions): Promise<Outcome<Page<Workflow>>>
  /**
   * Returns one workflow. Refused with `invalid_id`, or with `not_found` if there is none with this id. An
   * ended workflow is kept for 90 days.
   */
  get(id: string): Promise<Outcome<{ readonly workflow: Workflow }>>
  /**
   * Changes the given fields. Refused with `not_moved` if its status doesn't allow the new one, or if another
   * session made that change already. Other refusals: `invalid_id`, `invalid_work`, `not_found`.
   *
   * @throws {@link PresenceError} `busy` if others keep changing it
   *
   * @example
   * ```ts
   * const said = await board.workflows.set({ id: 'move', status: 'completed' })
   * if (!said.ok && said.refusal.code === 'not_moved') console.log(`possible: ${said.refusal.allowed}`)
   * ```
   */
  set(options: SetWorkflowOptions): Promise<Outcome<{ readonly workflow: Workflow }>>
}
