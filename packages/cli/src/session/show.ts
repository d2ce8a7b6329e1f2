import { inQuotes } from '@presence/core/internal'
import type { Io } from '../io.ts'
import { framed } from '../ui/message.ts'
import { type Begun, READ_KINDS } from './presence.ts'

const SHOWN_MAX = 5

/**
 * Shows a session's unread messages on standard error: the number of each kind, and the latest messages of
 * the kinds that are shown in full.
 */
export function showWaiting({ messages, asOf }: Begun, io: Io): void {
  if (messages.length === 0) return
  const kinds = Map.groupBy(messages, ({ kind }) => kind)
  const counts = [...kinds].map(([kind, those]) => `${those.length} ${kind}`).join(', ')
  io.err(`presence: unread messages: ${counts}`)
  const read = messages.filter(({ kind }) => READ_KINDS.includes(kind))
  for (const message of read.slice(0, SHOWN_MAX).toReversed())
    for (const line of framed(message, asOf, io)) io.err(line)
  const rest = read.length - SHOWN_MAX
  io.err(
    `presence: hint: presence message inbox --read marks them as read${rest > 0 ? `, and shows ${rest} more` : ''}`,
  )
}

/** The lines that make a shell belong to the session: to be typed, or for `eval`. */
export function shellLines(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const names = [
    'PRESENCE_SESSION_ID',
    'PRESENCE_SESSION_FOR',
    'PRESENCE_ROLE',
    'CLAUDE_INSTANCE_ID',
  ] as const
  return [
    `cd ${inQuotes(path)}`,
    `export ${names.map(name => `${name}=${inQuotes(env[name] ?? '')}`).join(' ')}`,
    'unset PRESENCE_HOOK_SESSION_ID',
  ]
}
