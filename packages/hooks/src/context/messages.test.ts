import type { Received } from '@presence/core'
import { expect, it } from 'vitest'
import { messagesBlock } from './messages.ts'

const messageOf = (id: string, body = 'b'): Received => ({
  id,
  from: 'ana',
  to: 's1',
  project: undefined,
  kind: 'MESSAGE',
  subject: `about ${id}`,
  body,
  sentAt: new Date(0),
  readAt: undefined,
  unread: true,
})
const IDS = ['a', 'b', 'c', 'd', 'e', 'f']
const blockOf = (tokensMax: number, body?: string) => {
  const rows = IDS.map(id => messageOf(id, body))
  return messagesBlock({ known: true, value: { rows, next: undefined, asOf: new Date(60_000) } }, tokensMax)
}

it('only messages in the lines count as shown, not those that are only counted', () => {
  expect(blockOf(500).shown).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect(blockOf(500).lines.at(-1)).toBe('and 1 more.')
  const { lines, shown } = blockOf(110)
  expect(shown.length).toBeLessThan(5)
  expect(lines).toHaveLength(shown.length + 2)
})

it('the first message is always shown, cut if it is long, so that none waits forever', () => {
  const { lines, shown } = blockOf(0, '\u{1f4a3}'.repeat(200))
  expect(shown).toEqual(['a'])
  expect(lines[1]).toMatch(/^- 1 min ago, from ana to this session: "about a": "\u{1f4a3}{1,20}…"$/u)
})
