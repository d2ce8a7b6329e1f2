import type { Page, Received } from '@presence/core'
import { ago, moment, nameOf, plain, quoted } from '@presence/core/internal'
import type { EventName, Heard } from '../hook.ts'
import { cutAt, howMany, tokensIn } from './tokens.ts'

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

export interface MessagesBlock {
  readonly lines: readonly string[]
  /** The ids of the messages in the lines; the others are shown later. */
  readonly shown: readonly string[]
}

/**
 * Unread messages as data, one line each, in the board's order: those to this session first, then the latest. The
 * first message is always shown.
 */
export function messagesBlock(heard: Heard<Page<Received>> | undefined, tokensMax: number): MessagesBlock {
  if (heard === undefined) return { lines: [], shown: [] }
  if (!heard.known)
    return {
      lines: [
        `Presence: this session's messages have been unknown since ${moment(heard.since)} (${plain(heard.reason)}). To ask again, run \`presence message inbox\`.`,
      ],
      shown: [],
    }
  const { rows, next, asOf } = heard.value
  if (rows.length === 0) return { lines: [], shown: [] }
  const title = `Presence messages at ${moment(asOf)}, unread. Quoted texts are the senders' own words, cut; \`presence message inbox\` shows them whole.`
  const lines = rows.slice(0, LINES_MAX).map(message => lineOf(message, asOf))
  const some = lines.slice(0, Math.max(1, howMany(lines, tokensMax - tokensIn(title) - REST_TOKENS)))
  const rest = rows.length - some.length
  const orMore = next === undefined ? '' : 'at least '
  return {
    lines: [title, ...some, ...(rest > 0 ? [`and ${orMore}${rest} more.`] : [])],
    shown: rows.slice(0, some.length).map(({ id }) => id),
  }
}

/** For the line that says how many more there are. */
const REST_TOKENS = 8
/** A line with more tokens is written again, with a shorter text. */
const LINE_TOKENS_MAX = 100
const TEXT_TOKENS_MAX = 30

function lineOf(message: Received, asOf: Date): string {
  const line = written(message, asOf)
  if (tokensIn(line) <= LINE_TOKENS_MAX) return line
  const { from, project, subject, body } = message
  const short = (text: string) => cutAt(text, TEXT_TOKENS_MAX / 2)
  return written(
    {
      ...message,
      from: short(from),
      project: project && short(project),
      subject: short(subject),
      body: cutAt(body, TEXT_TOKENS_MAX),
    },
    asOf,
  )
}

function written({ from, to, project, kind, subject, body, sentAt }: Received, asOf: Date): string {
  const reader =
    to === undefined ? (project === undefined ? 'all' : `all of ${nameOf(project)}`) : 'this session'
  const what = kind === 'STATUS_UPDATE' ? 'status of' : 'from'
  return `- ${ago(sentAt, asOf)}, ${what} ${nameOf(from)} to ${reader}: ${quoted(subject)}: ${quoted(body)}`
}
