import { idTaken, parseId } from '../domain/id.ts'
import {
  type MessageKind,
  parseBody,
  parseMessageKind,
  parseSubject,
  type Received,
} from '../domain/message.ts'
import { type Page, parseCursor, parseLimit } from '../domain/page.ts'
import { parseProject } from '../domain/project.ts'
import { accept, type Checked, type Outcome, refuse } from '../domain/refusal.ts'
import { parseSessionId } from '../domain/session.ts'
import type { NewMessage } from '../store/port.ts'
import { saysAll } from './checks.ts'
import { type GroupContext, pageOf } from './context.ts'

export interface SendOptions {
  /** To this session; else to all, or to all of the project. */
  readonly to?: string
  /** The key of the project that it is about. */
  readonly project?: string
  /** `MESSAGE` unless told. */
  readonly kind?: string
  /** One line, at most 255 characters. */
  readonly subject: string
  /** At most 8,000 characters. */
  readonly body: string
  /** The message's own: sent twice with one id it is there once. Made unless told. */
  readonly id?: string
}

export interface InboxOptions {
  readonly unreadOnly?: boolean
  /** Of what is to many of a project, only what is to this one. */
  readonly project?: string
  readonly kinds?: readonly string[]
  /** 50 unless told, 500 at most. */
  readonly limit?: number
  /** The `next` of the page before: only what was sent earlier. */
  readonly before?: string
  /**
   * Of what is unread, not these, 500 at most; of the rest what is to me comes first, whenever it was sent. In the place of
   * `before`: for more, name what you were given too.
   */
  readonly except?: readonly string[]
}

/** What sessions say to one another. */
export interface MessageGroup {
  send(options: SendOptions): Promise<Outcome<{ readonly message: Received }>>
  /** What is to me, and what others said to many, the latest first. Marks nothing as read. */
  inbox(options?: InboxOptions): Promise<Outcome<Page<Received>>>
  /**
   * Says that I have read these, or all that I haven't. Refused (`not_found`) where one isn't there for me; then none is
   * marked.
   */
  read(ids: readonly string[] | 'all'): Promise<Outcome<{ readonly read: number }>>
}

/** So many ids at once. */
const IDS_MAX = 500

/** A message as the board would take it. */
export function checkMessage(options: SendOptions, from: string): Checked<NewMessage> {
  const id = parseId(options.id ?? crypto.randomUUID())
  if (!id.ok) return id
  const to = options.to === undefined ? accept(undefined) : parseSessionId(options.to, 'the session')
  if (!to.ok) return to
  const project = options.project === undefined ? accept(undefined) : parseProject(options.project)
  if (!project.ok) return project
  const kind = parseMessageKind(options.kind)
  if (!kind.ok) return kind
  const subject = parseSubject(options.subject)
  if (!subject.ok) return subject
  const body = parseBody(options.body)
  if (!body.ok) return body
  return accept({
    id: id.value,
    from,
    to: to.value,
    project: project.value,
    kind: kind.value,
    subject: subject.value,
    body: body.value,
  })
}

export class StoreMessages implements MessageGroup {
  readonly #context: GroupContext

  constructor(context: GroupContext) {
    this.#context = context
  }

  async send(options: SendOptions): Promise<Outcome<{ readonly message: Received }>> {
    const { coordination, sessionId, deadline } = this.#context
    const checked = checkMessage(options, sessionId)
    if (!checked.ok) return checked
    const until = deadline()
    await coordination.messages.send(checked.value, until)
    const { rows } = await coordination.messages.find([checked.value.id], sessionId, until)
    const [message] = rows
    if (message && saysAll(message, checked.value)) return { ok: true, message }
    return idTaken('another message has the id', checked.value.id)
  }

  async inbox(options: InboxOptions = {}): Promise<Outcome<Page<Received>>> {
    const { coordination, sessionId, deadline } = this.#context
    const project = options.project === undefined ? accept(undefined) : parseProject(options.project)
    if (!project.ok) return project
    const kinds = kindsOf(options.kinds)
    if (!kinds.ok) return kinds
    const before = parseCursor(options.before, 1)
    if (!before.ok) return before
    const except = exceptOf(options)
    if (!except.ok) return except
    const limit = parseLimit(options.limit)
    const filter = {
      sessionId,
      unreadOnly: (options.unreadOnly ?? false) || except.value !== undefined,
      except: except.value,
      project: project.value,
      kinds: kinds.value,
      rows: limit + 1,
      before: before.value,
    }
    const read = await coordination.messages.inbox(filter, deadline())
    return { ok: true, ...pageOf(read, limit, ({ sentAt, id }) => [[sentAt.getTime()], id]) }
  }

  async read(ids: readonly string[] | 'all'): Promise<Outcome<{ readonly read: number }>> {
    const { coordination, sessionId, deadline } = this.#context
    const { messages } = coordination
    if (ids === 'all') return { ok: true, read: await messages.markRead(sessionId, undefined, deadline()) }
    const unique = [...new Set(ids)]
    if (unique.length === 0) return { ok: true, read: 0 }
    const checked = checkedIds(unique, 'or all')
    if (!checked.ok) return checked
    const until = deadline()
    const { rows } = await messages.find(unique, sessionId, until)
    const unknown = unique.find(id => !rows.some(row => row.id === id))
    if (unknown !== undefined)
      return refuse({
        code: 'not_found',
        message: `there is no message ${unknown} for you, or no longer`,
        remedy: 'look it up: presence message inbox',
        id: unknown,
      })
    return { ok: true, read: await messages.markRead(sessionId, unique, until) }
  }
}

function exceptOf({ except, before }: InboxOptions): Checked<readonly string[] | undefined> {
  if (except === undefined) return accept(undefined)
  if (before === undefined) return checkedIds([...new Set(except)], 'the latest that you were given')
  return refuse({
    code: 'invalid_cursor',
    message: 'a page without some messages does not go on where another ended',
    remedy: 'leave one of before and except out',
  })
}

/** @param or what else could be named where they are too many */
function checkedIds(ids: readonly string[], or: string): Checked<readonly string[]> {
  if (ids.length > IDS_MAX)
    return refuse({
      code: 'invalid_id',
      message: `${ids.length} messages are too many at once`,
      remedy: `name at most ${IDS_MAX}, ${or}`,
    })
  for (const id of ids) {
    const checked = parseId(id)
    if (!checked.ok) return checked
  }
  return accept(ids)
}

function kindsOf(kinds: readonly string[] | undefined): Checked<readonly MessageKind[] | undefined> {
  if (kinds === undefined || kinds.length === 0) return accept(undefined)
  const checked: MessageKind[] = []
  for (const each of kinds) {
    const kind = parseMessageKind(each)
    if (!kind.ok) return kind
    checked.push(kind.value)
  }
  return accept(checked)
}
