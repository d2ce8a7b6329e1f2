import { BODY_LENGTH_MAX, isFault, type Received, SUBJECT_LENGTH_MAX } from '@presence/core'
import { counted, moment, nameOf, quoted } from '@presence/core/internal'
import * as z from 'zod'
import { must } from '../refusals.ts'
import { asOf, message, notes } from '../schemas.ts'
import { type Call, SAYS, tool } from '../tool.ts'
import { messageData } from '../words.ts'

/** The most messages in one answer. The latest are returned. */
const MESSAGES_MAX = 10
/**
 * The most text in one answer, in UTF-16 units; the first message is returned even if it is longer. A message
 * is shown in full or left for the next call, because a message that is marked as read doesn't come again. In
 * English this is about 4,000 tokens. The answer contains the text twice, and Claude Code warns at an answer
 * of 10,000 tokens.
 */
const CHARACTERS_MAX = 16_000

export const checkMessages = tool({
  name: 'coord_check_messages',
  description: `Read your unread messages, at most the latest ${MESSAGES_MAX}, and mark them read.`,
  input: z.strictObject({
    mark_read: z.boolean('send true or false').optional().describe('default true'),
    unread_only: z.boolean('send true or false').optional().describe('default true'),
  }),
  output: z.object({
    messages: z.array(message),
    more: z.boolean(),
    as_of: asOf,
    notes,
  }),
  annotations: { ...SAYS, idempotentHint: false },
  run: async (call, { mark_read = true, unread_only = true }) => {
    const page = must(await call.board.messages.inbox({ unreadOnly: unread_only, limit: MESSAGES_MAX }))
    const { asOf } = page
    const rows = fitting(page.rows)
    const more = page.next !== undefined || rows.length < page.rows.length
    const what = unread_only ? 'unread message' : 'message'
    return {
      lines: [
        `${rows.length === 0 ? `No ${what}s` : counted(rows.length, what)} at ${moment(asOf)}.`,
        ...rows.map(each => `- ${line(each, call.me)}`),
        ...(more ? [unread_only && mark_read ? 'There are more: call again.' : 'There are more.'] : []),
      ],
      data: { messages: rows.map(messageData), more, as_of: asOf.toISOString() },
      notes: mark_read ? await marked(call, rows) : [],
    }
  },
})

/** The first messages: as many as fit, and at least one. */
function fitting(rows: readonly Received[]): readonly Received[] {
  let left = CHARACTERS_MAX
  const first = rows.findIndex(({ body }) => {
    left -= body.length
    return left < 0
  })
  return first < 0 ? rows : rows.slice(0, Math.max(1, first))
}

/** Marks messages as read. If that fails, the messages are still shown, with a note. */
async function marked({ board }: Call, rows: readonly Received[]): Promise<readonly string[]> {
  const ids = rows.filter(({ unread }) => unread).map(({ id }) => id)
  if (ids.length === 0) return []
  try {
    must(await board.messages.read(ids))
    return []
  } catch (error) {
    if (!isFault(error)) throw error
    return ['these messages could not be marked as read, so you will see them again']
  }
}

function line({ from, to, kind, subject, body, sentAt }: Received, me: string): string {
  const whom = to === undefined ? 'to all' : to === me ? 'to you' : `to ${nameOf(to)}`
  const what = kind === 'MESSAGE' ? '' : `${kind}, `
  return `${what}from ${nameOf(from)} ${whom}, ${moment(sentAt)}: ${quoted(subject, SUBJECT_LENGTH_MAX)}: ${quoted(body, BODY_LENGTH_MAX)}`
}
