import type { Received } from '../domain/message.ts'
import type { Page } from '../domain/page.ts'
import type { Outcome } from '../domain/refusal.ts'

/** The options of {@link MessageGroup.send}. */
export interface SendOptions {
  /**
   * The id of the session to send it to. Refused with `invalid_session`.
   * @default all sessions, or all of the project
   */
  readonly to?: string
  /**
   * The key of the project that the message is about. Refused with `invalid_project`.
   * @default none
   */
  readonly project?: string
  /**
   * One of {@link MESSAGE_KINDS}. Refused with `invalid_message`.
   * @default `MESSAGE`
   */
  readonly kind?: string
  /** One line, at most 255 characters. Refused with `invalid_message`. */
  readonly subject: string
  /** At most 8,000 characters. Refused with `invalid_message`. */
  readonly body: string
  /**
   * Identifies the message: sending it twice with the same id sends it once. At most 64 letters, digits, `-`,
   * `_` and `.`. Refused with `invalid_id`, or with `id_taken` if something else has the id.
   * @default a random UUID
   */
  readonly id?: string
}

/** The options of {@link MessageGroup.inbox}. */
export interface InboxOptions {
  /**
   * Only unread messages.
   * @default false
   */
  readonly unreadOnly?: boolean
  /**
   * Among the broadcasts to a project, only those to this project.
   * @default all
   */
  readonly project?: string
  /**
   * Only these kinds: see {@link MESSAGE_KINDS}.
   * @default all
   */
  readonly kinds?: readonly string[]
  /**
   * The number of messages per page, at most 500.
   * @default 50
   */
  readonly limit?: number
  /**
   * The `next` of the previous page: only messages that were sent earlier. Refused with `invalid_cursor`.
   * @default the first page
   */
  readonly before?: string
  /**
   * Ids of messages to leave out, at most 500. The result then has only unread messages, with messages to
   * this session first, whenever they were sent. Refused with `invalid_cursor` together with `before`: for
   * the next page, add the ids that you received to `except`.
   * @default none
   */
  readonly except?: readonly string[]
}

/** Messages between sessions. */
export interface MessageGroup {
  /**
   * Sends a message to one session, or to all.
   *
   * Refused with `invalid_message`, `invalid_session`, `invalid_project`, `invalid_id` or `id_taken`.
   *
   * @example
   * ```ts
   * await board.messages.send({ to: 'bob', subject: 'k8s-1 is yours', body: 'The drain is over.' })
   * ```
   */
  send(options: SendOptions): Promise<Outcome<{ readonly message: Received }>>
  /**
   * Lists the messages to this session, and broadcasts from others, the latest first. Marks none as read.
   * Refused with `invalid_message`, `invalid_project`, `invalid_id` or `invalid_cursor`.
   *
   * @example
   * ```ts
   * const said = await board.messages.inbox({ unreadOnly: true })
   * if (said.ok) for (const { from, subject } of said.rows) console.log(from, subject)
   * ```
   */
  inbox(options?: InboxOptions): Promise<Outcome<Page<Received>>>
  /**
   * Marks these messages as read (at most 500 ids), or all unread ones. Refused with `invalid_id`, or with
   * `not_found` if this session can't see one of them; then none is marked.
   *
   * @example
   * ```ts
   * const said = await board.messages.read('all')
   * if (said.ok) console.log(`${said.read} messages marked as read`)
   * ```
   */
  read(ids: readonly string[] | 'all'): Promise<Outcome<{ readonly read: number }>>
}
