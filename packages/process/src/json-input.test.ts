import { describe, expect, it } from 'vitest'
import { ObjectEnd } from './json-input.ts'

/** The object's text, found in chunks of this many bytes; or what `find` says if there is none. */
function objectIn(text: string | Buffer, size: number): string | undefined {
  const bytes = Buffer.from(text as string)
  const end = new ObjectEnd()
  for (let at = 0; at < bytes.length; at += size) {
    const found = end.find(bytes.subarray(at, at + size))
    if (found === 'none') return 'none'
    if (found !== undefined) return bytes.toString('utf8', end.start, found)
  }
  return undefined
}

const OBJECT = JSON.stringify({
  id: 'ä€😀',
  nested: { list: [{ a: '}' }, '{"x":1}'], empty: {} },
  escapes: '\\ " \\" \\\\ \u0000 \n',
  ends: 'with a backslash \\',
})

describe('the end of a JSON object, whatever the size of the chunks,', () => {
  it.each([
    ['alone', OBJECT, OBJECT],
    ['before a newline and blanks', `${OBJECT}\n  \t\r\n`, OBJECT],
    ['before another object', `${OBJECT}${OBJECT}`, OBJECT],
    ['before garbage', `${OBJECT}garbage } " {`, OBJECT],
    ['after blanks', `\n\t ${OBJECT}`, OBJECT],
    ['after a byte order mark', `\ufeff${OBJECT}`, OBJECT],
    [
      'printed on several lines',
      JSON.stringify(JSON.parse(OBJECT), null, 2),
      JSON.stringify(JSON.parse(OBJECT), null, 2),
    ],
    ['that is empty', '{}', '{}'],
    ['that never ends', OBJECT.slice(0, -1), undefined],
    ['in an unclosed string', '{"a":"}}}}', undefined],
    ['that is missing', ' \n', undefined],
    ['that is a list', ' [1,{}]', 'none'],
    ['that is binary', Buffer.from([0, 255, 0x7b, 0x7d]), 'none'],
  ])('is found for one %s', (_, text, expected) => {
    for (const size of [1, 2, 3, 5, 7, 64, 65_536])
      expect(objectIn(text, size), `chunks of ${size}`).toBe(expected)
  })

  it('is found in one pass over 30 MB of quotes and brackets', () => {
    const text = JSON.stringify({ output: '{"a":"}"}\\'.repeat(3_000_000) })
    const bytes = Buffer.from(text)
    const looked: number[] = []
    const end = new ObjectEnd()
    for (let at = 0; at < bytes.length; at += 65_536) {
      const chunk = bytes.subarray(at, at + 65_536)
      looked.push(chunk.length)
      const found = end.find(chunk)
      expect(found === undefined || found === bytes.length).toBe(true)
    }
    expect(looked.reduce((sum, each) => sum + each)).toBe(end.length)
  })
})
