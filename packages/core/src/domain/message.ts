import { BODY_LENGTH_MAX, SUBJECT_LENGTH_MAX } from './limits.ts'
import { nearest } from './nearest.ts'
import { parseProse } from './prose.ts'
import { accept, type Checked, refuse } from './refusal.ts'
import { cutTo, oneLine } from './text.ts'

/** The kinds of message. Programs send `HEARTBEAT`, `SESSION_START` and `SESSION_END`. */
export const MESSAGE_KINDS = [
  'MESSAGE',
  'HEARTBEAT',
  'SESSION_START',
  'SESSION_END',
  'STATUS_UPDATE',
] as const

/** The kind of a message: one of {@link MESSAGE_KINDS}. */
export type MessageKind = (typeof MESSAGE_KINDS)[number]

/** A message from one session to another session, to all sessions of a project, or to all. */
export interface Message {
  /** The id that its sender gave it, or a UUID. */
  readonly id: string
  /** The id of the session that sent it. */
  readonly from: string
  /** The id of the session that it is for. Undefined for a broadcast. */
  readonly to: string | undefined
  /** The key of the project that it is about. */
  readonly project: string | undefined
  /** The kind of message, which says what it is for. */
  readonly kind: MessageKind
  /** One line, at most 255 characters. */
  readonly subject: string
  /** At most 8,000 characters. */
  readonly body: string
  /** The database's time at which it was sent. */
  readonly sentAt: Date
}

/** A message as one session sees it. */
export interface Received extends Message {
  /** When this session marked it as read. */
  readonly readAt: Date | undefined
  /**
   * Whether it is neither read, nor this session's own, nor an old broadcast: one that was sent more than a
   * day ago and before this session began.
   */
  readonly unread: boolean
}

export function parseMessageKind(input: string | undefined): Checked<MessageKind> {
  if (input === undefined) return accept('MESSAGE')
  const kind = MESSAGE_KINDS.find(each => each === input)
  if (kind) return accept(kind)
  const guess = MESSAGE_KINDS.find(each => each === nearest(input, MESSAGE_KINDS.map(lower))?.toUpperCase())
  return refuse({
    code: 'invalid_message',
    message: `no kind of message "${oneLine(cutTo(input, 40))}"; the kinds are ${MESSAGE_KINDS.join(', ')}`,
    remedy: guess ? `did you mean ${guess}?` : 'name one of these kinds',
    ...(guess ? { nearest: guess } : {}),
  })
}

const lower = (kind: string) => kind.toLowerCase()

export function parseSubject(input: string): Checked<string> {
  return parseProse(input, {
    name: 'the subject',
    max: SUBJECT_LENGTH_MAX,
    code: 'invalid_message',
    remedy: 'say in a line what it is about, such as "build is ready"',
  })
}

export function parseBody(input: string): Checked<string> {
  return parseProse(input, {
    name: 'the message',
    max: BODY_LENGTH_MAX,
    code: 'invalid_message',
    remedy: 'say it in plain text, and link to the rest',
  })
}
