import type { CallContext, Nothing } from '../claims/context.ts'
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
import type { NewMessage } from '../store/port/coordination.ts'
import { saysAll } from './checks.ts'
import { coordinationOf, pageOf } from './context.ts'
import type { InboxOptions, SendOptions } from './message-group.ts'

/** The most ids in one call. */
const IDS_MAX = 500

/** Checks the options and returns the message to store. */
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

export async function sendMessage(
  context: CallContext,
  options: SendOptions,
): Promise<Outcome<{ readonly message: Received }>> {
  const { session, deadline } = context
  const checked = checkMessage(options, session.id)
  if (!checked.ok) return checked
  const coordination = await coordinationOf(context)
  const until = deadline()
  await coordination.messages.send(checked.value, until)
  const { rows } = await coordination.messages.find([checked.value.id], session.id, until)
  const [message] = rows
  if (message && saysAll(message, checked.value)) return { ok: true, message }
  return idTaken('another message has the id', checked.value.id)
}

export async function inbox(
  context: CallContext,
  options: InboxOptions = {},
): Promise<Outcome<Page<Received>>> {
  const { session, deadline } = context
  const coordination = await coordinationOf(context)
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
    sessionId: session.id,
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

/** Marks these messages as read. */
export async function readMessages(
  context: CallContext,
  { ids }: { readonly ids: readonly string[] },
): Promise<Outcome<{ readonly read: number }>> {
  const unique = [...new Set(ids)]
  if (unique.length === 0) return { ok: true, read: 0 }
  const checked = checkedIds(unique, 'the call', `mark ${IDS_MAX} at a time, or all`)
  if (!checked.ok) return checked
  const { session } = context
  const { messages } = await coordinationOf(context)
  const until = context.deadline()
  const { rows } = await messages.find(unique, session.id, until)
  const unknown = unique.find(id => !rows.some(row => row.id === id))
  if (unknown !== undefined)
    return refuse({
      code: 'not_found',
      message: `there is no message ${unknown} for you, or it is no longer kept`,
      remedy: 'look it up in the inbox',
      id: unknown,
    })
  return { ok: true, read: await messages.markRead(session.id, unique, until) }
}

/** Marks all unread messages as read. */
export async function readAllMessages(
  context: CallContext,
  _: Nothing,
): Promise<Outcome<{ readonly read: number }>> {
  const { messages } = await coordinationOf(context)
  return { ok: true, read: await messages.markRead(context.session.id, undefined, context.deadline()) }
}

function exceptOf({ except, before }: InboxOptions): Checked<readonly string[] | undefined> {
  if (except === undefined) return accept(undefined)
  if (before === undefined)
    return checkedIds(
      [...new Set(except)],
      'except',
      `send only the ids of the latest ${IDS_MAX} messages that you received`,
    )
  return refuse({
    code: 'invalid_cursor',
    message: "before and except can't be combined",
    remedy: 'send only one of before and except',
  })
}

/**
 * @param what the name of the input that contains the ids, or `the call`, for the message
 * @param remedy what to do about too many ids
 */
function checkedIds(ids: readonly string[], what: string, remedy: string): Checked<readonly string[]> {
  if (ids.length > IDS_MAX)
    return refuse({
      code: 'invalid_id',
      message: `${what} has ${ids.length} message ids; the maximum is ${IDS_MAX}`,
      remedy,
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
