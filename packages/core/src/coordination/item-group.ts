import type { Page } from '../domain/page.ts'
import type { Outcome } from '../domain/refusal.ts'
import type { WorkItem } from '../domain/work.ts'

/** The options of {@link ItemGroup.add}. */
export interface AddItemOptions {
  /**
   * The project's key. Refused with `invalid_project`, or with `not_found` if the workflow is in another
   * project.
   * @default that of its workflow
   */
  readonly project?: string
  /**
   * The id of the workflow that the item is a step of. Refused with `not_found`.
   * @default none
   */
  readonly workflow?: string
  /** One line, at most 255 characters. Refused with `invalid_work`. */
  readonly title: string
  /**
   * At most 4,000 characters. Refused with `invalid_work`.
   * @default none
   */
  readonly description?: string
  /**
   * One of {@link ITEM_STATUSES}. Refused with `invalid_work`.
   * @default `pending`
   */
  readonly status?: string
  /**
   * 0 to 100; higher comes first. Refused with `invalid_work`.
   * @default 50
   */
  readonly priority?: number
  /**
   * The id of the session that should do it. Refused with `invalid_session`.
   * @default none
   */
  readonly assignedTo?: string
  /**
   * Identifies the item: adding it twice with the same id adds it once. At most 64 letters, digits, `-`, `_`
   * and `.`. Refused with `invalid_id`, or with `id_taken` if something else has the id.
   * @default a random UUID
   */
  readonly id?: string
}

/** The options of {@link ItemGroup.list}. */
export interface ListItemsOptions {
  /**
   * Only those of this project. Refused with `invalid_project`.
   * @default all projects
   */
  readonly project?: string
  /**
   * Only the items of the workflow with this id.
   * @default all
   */
  readonly workflow?: string
  /**
   * Only items with one of these statuses: see {@link ITEM_STATUSES}. Refused with `invalid_work`.
   * @default all
   */
  readonly statuses?: readonly string[]
  /**
   * Only items assigned to the session with this id.
   * @default all
   */
  readonly assignedTo?: string
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

/** The options of {@link ItemGroup.set}. Fields that are not given stay unchanged. */
export interface SetItemOptions {
  /** The id of the item. */
  readonly id: string
  /**
   * The new status: see {@link ITEM_STATUSES}.
   * @default unchanged
   */
  readonly status?: string
  /**
   * The new title.
   * @default unchanged
   */
  readonly title?: string
  /**
   * The new description. An empty text removes it.
   * @default unchanged
   */
  readonly description?: string
  /**
   * The new priority, 0 to 100.
   * @default unchanged
   */
  readonly priority?: number
  /**
   * The id of the session that should do it. Null unassigns the item.
   * @default unchanged
   */
  readonly assignedTo?: string | null
  /**
   * Allows a new status although the item has ended.
   * @default false
   */
  readonly reopen?: boolean
}

/** Work items: steps of a workflow, or on their own. */
export interface ItemGroup {
  /**
   * Adds an item. Refused with `not_moved` if its workflow has ended. Other refusals: `invalid_project`,
   * `invalid_work`, `invalid_session`, `invalid_id`, `id_taken`, `not_found`.
   *
   * @example
   * ```ts
   * await board.items.add({ project: 'shop', title: 'rotate the certificates', priority: 80 })
   * ```
   */
  add(options: AddItemOptions): Promise<Outcome<{ readonly item: WorkItem }>>
  /**
   * Lists items, the highest priority first, then the earliest created. Refused with `invalid_project`,
   * `invalid_work`, `invalid_id` or `invalid_cursor`.
   *
   * @example
   * ```ts
   * const said = await board.items.list({ project: 'shop', statuses: ['pending'] })
   * if (said.ok) for (const { id, title } of said.rows) console.log(id, title)
   * ```
   */
  list(options?: ListItemsOptions): Promise<Outcome<Page<WorkItem>>>
  /**
   * Returns one item. Refused with `invalid_id`, or with `not_found` if there is none with this id. An ended
   * item is kept for 90 days.
   */
  get(id: string): Promise<Outcome<{ readonly item: WorkItem }>>
  /**
   * Changes the given fields. Refused with `not_moved` if its status doesn't allow the new one, or if another
   * session made that change already: of several sessions that take an item at once, exactly one gets it.
   * Other refusals: `invalid_id`, `invalid_work`, `invalid_session`, `not_found`.
   *
   * @throws {@link PresenceError} `busy` if others keep changing it
   *
   * @example
   * ```ts
   * const said = await board.items.set({ id: 'certs', status: 'in_progress', assignedTo: board.session.id })
   * if (!said.ok && said.refusal.code === 'not_moved') console.log(`${said.refusal.by} has it`)
   * ```
   */
  set(options: SetItemOptions): Promise<Outcome<{ readonly item: WorkItem }>>
}
