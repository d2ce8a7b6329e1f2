import type { Received } from '@presence/core'
import { expect, it } from 'vitest'
import { messagesBlock, messagesIn } from './messages.ts'

const messageOf = (id: string): Received => ({
  id,
  from: 'ana',
  to: 's1',
  project: undefined,
  kind: 'MESSAGE',
  subject: `about ${id}`,
  body: 'b',
  sentAt: new Date(0),
  readAt: undefined,
  unread: true,
})

it('only messages that are in the cut text count as shown, not those that were only counted', () => {
  const page = {
    rows: ['a', 'b', 'c', 'd', 'e', 'f'].map(messageOf),
    next: undefined,
    asOf: new Date(60_000),
  }
  const lines = messagesBlock({ known: true, value: page })
  expect(messagesIn(lines.join('\n'), page)).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect(messagesIn(lines.slice(0, 3).join('\n'), page)).toEqual(['a', 'b'])
  expect(messagesIn('', page)).toEqual([])
})
