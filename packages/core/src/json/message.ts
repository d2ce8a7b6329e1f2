import { momentOf } from '../domain/claim.ts'
import type { MessageKind, Received } from '../domain/message.ts'

/**
 * A message as every interface of presence shows it to a session: the CLI, `/api/v1`, MCP and this library.
 * Times are ISO 8601 in UTC with milliseconds.
 *
 * A type, not an interface: a schema that allows further keys accepts only types.
 */
export type MessageJson = {
  /** The id that its sender gave it, or a UUID. */
  readonly id: string
  /** The id of the session that sent it. */
  readonly from_session: string
  /** The id of the session that it is for. Null for a broadcast. */
  readonly to_session: string | null
  /** The key of the project that it is about. */
  readonly project_key: string | null
  /** What it is for. */
  readonly kind: MessageKind
  /** One line. */
  readonly subject: string
  /** The text. */
  readonly body: string
  /** When it was sent. */
  readonly sent_at: string
  /** When the session that asks marked it as read. */
  readonly read_at: string | null
  /** Whether it is still to be read by the session that asks: see {@link Received}. */
  readonly unread: boolean
}

/**
 * A message as JSON, with the same keys as in every other interface of presence.
 *
 * @example
 * ```ts
 * const said = await board.messages.inbox()
 * if (said.ok) console.log(JSON.stringify(said.rows.map(messageJson)))
 * ```
 */
export function messageJson(message: Received): MessageJson {
  return {
    id: message.id,
    from_session: message.from,
    to_session: message.to ?? null,
    project_key: message.project ?? null,
    kind: message.kind,
    subject: message.subject,
    body: message.body,
    sent_at: message.sentAt.toISOString(),
    read_at: message.readAt?.toISOString() ?? null,
    unread: message.unread,
  }
}

/** The message that `messageJson` was given. Keys of a later version are ignored. */
export function messageOfJson(json: MessageJson): Received {
  return {
    id: json.id,
    from: json.from_session,
    to: json.to_session ?? undefined,
    project: json.project_key ?? undefined,
    kind: json.kind,
    subject: json.subject,
    body: json.body,
    sentAt: momentOf(new Date(json.sent_at)),
    readAt: json.read_at ? momentOf(new Date(json.read_at)) : undefined,
    unread: json.unread,
  }
}
