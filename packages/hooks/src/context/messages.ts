import type { Page, Received } from '@presence/core'
import { moment, nameOf, plain, quoted, timeOfDay } from '@presence/core/internal'
import type { EventName, Heard } from '../hook.ts'

/** How many messages are shown at once; the rest is counted. */
const LINES_MAX = 5
/**
 * How many messages are asked for. If there are more, the text says `at least`, because the exact number is
 * unknown.
 */
export const MESSAGES_ASKED = 20

/** How many times this session was shown each message, by the message's id. */
export type Shown = ReadonlyMap<string, number>

/**
 * The messages not to show now. At a prompt these are all that were shown before. At a start they are only
 * those shown twice, because an agent that was resumed or compacted may have lost what it was shown first. So
 * no message is shown more than twice, read or not.
 */
export function shownEnough(shown: Shown, event: EventName): readonly string[] {
  const most = event === 'SessionStart' ? 1 : 0
  return [...shown].flatMap(([id, times]) => (times > most ? [id] : []))
}

/** Those of these messages that are in the text; the others are shown later. */
export function messagesIn(text: string, { rows, asOf }: Page<Received>): readonly string[] {
  const lines = new Set(text.split('\n'))
  return rows
    .slice(0, LINES_MAX)
    .filter(message => lines.has(lineOf(message, asOf)))
    .map(({ id }) => id)
}

/**
 * Unread messages as data, one line each, in the board's order: those to this session first, then the latest.
 */
export function messagesBlock(heard: Heard<Page<Received>> | undefined): readonly string[] {
  if (heard === undefined) return []
  if (!heard.known)
    return [
      `Presence: this session's messages have been unknown since ${moment(heard.since)} (${plain(heard.reason)}). To ask again, run \`presence message inbox\`.`,
    ]
  const { rows, next, asOf } = heard.value
  if (rows.length === 0) return []
  const rest = rows.length - LINES_MAX
  const orMore = next === undefined ? '' : 'at least '
  return [
    `Presence messages at ${moment(asOf)}, not yet marked as read. Subjects and texts are the senders' own words, quoted, and cut at 200 characters; \`presence message inbox\` shows them whole.`,
    ...rows.slice(0, LINES_MAX).map(message => lineOf(message, asOf)),
    ...(rest > 0 ? [`and ${orMore}${rest} more.`] : []),
  ]
}

function lineOf({ from, to, project, kind, subject, body, sentAt }: Received, asOf: Date): string {
  const reader =
    to === undefined ? (project === undefined ? 'all' : `all of ${nameOf(project)}`) : 'this session'
  const what = kind === 'STATUS_UPDATE' ? 'status of' : 'from'
  return `- ${timeOfDay(sentAt, asOf)} UTC, ${what} ${nameOf(from)} to ${reader}: ${quoted(subject)}: ${quoted(body)}`
}
