import { moment, nameOf, type Page, plain, quoted, type Received, timeOfDay } from '@presence/core'
import type { EventName, Heard } from '../hook.ts'

/** Messages shown at once; the rest is counted. */
const LINES_MAX = 5
/** So many are asked for: of what is beyond nobody is told how many it is. */
export const MESSAGES_ASKED = 20

/** How often this session was shown each message, by its id. */
export type Shown = ReadonlyMap<string, number>

/**
 * What is to be shown now: at a prompt what never was, at a start also what was shown once, for an agent that is resumed or
 * compacted may have lost it. So nothing is shown more than twice, read or not.
 */
export function freshMessages(
  messages: readonly Received[],
  shown: Shown,
  event: EventName,
): readonly Received[] {
  const most = event === 'SessionStart' ? 1 : 0
  return messages.filter(({ id }) => (shown.get(id) ?? 0) <= most)
}

/** Unread messages as data: a line each, to this session first, then the latest. */
export function messagesBlock(
  heard: Heard<Page<Received>> | undefined,
  shown: Shown,
  event: EventName,
): readonly string[] {
  if (heard === undefined) return []
  if (!heard.known)
    return [
      `Presence messages: unknown since ${moment(heard.since)} (${plain(heard.reason)}). \`presence message inbox\` asks again.`,
    ]
  const { rows, next, asOf } = heard.value
  const fresh = freshMessages(rows, shown, event).toSorted(
    (a, b) => Number(b.to !== undefined) - Number(a.to !== undefined),
  )
  if (fresh.length === 0) return []
  const rest = fresh.length - LINES_MAX
  const orMore = next === undefined ? '' : ' or more'
  return [
    `Presence messages at ${moment(asOf)}, not yet marked as read. Subjects and texts are the senders' own words, quoted, and cut at 200 characters; \`presence message inbox\` shows them whole.`,
    ...fresh.slice(0, LINES_MAX).map(message => `- ${lineOf(message, asOf)}`),
    ...(rest > 0 ? [`and ${rest}${orMore} besides.`] : []),
  ]
}

function lineOf({ from, to, project, kind, subject, body, sentAt }: Received, asOf: Date): string {
  const reader =
    to === undefined ? (project === undefined ? 'all' : `all of ${nameOf(project)}`) : 'this session'
  const what = kind === 'STATUS_UPDATE' ? 'status of' : 'from'
  return `${timeOfDay(sentAt, asOf)} UTC, ${what} ${nameOf(from)} to ${reader}: ${quoted(subject)}: ${quoted(body)}`
}
