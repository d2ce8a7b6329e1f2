import { array, assert as hold, integer, nat, oneof, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutTo, hasControl, lengthOf, manyLines, oneLine } from './text.ts'

const CONTROLS = [
  ...Array.from({ length: 0x20 }, (_, code) => String.fromCharCode(code)),
  ...Array.from({ length: 0x21 }, (_, at) => String.fromCharCode(0x7f + at)),
  ...'\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069',
]
const char = integer({ min: 0, max: 0x10ffff }).map(code => String.fromCodePoint(code))
const anyText = oneof(
  string({ unit: char, maxLength: 50 }),
  array(
    oneof(
      nat({ max: CONTROLS.length - 1 }).map(at => CONTROLS[at] ?? ''),
      string({ maxLength: 3 }),
    ),
  ).map(parts => parts.join('')),
)

describe('text on one line', () => {
  it('replaces a joiner or a selector that is at its beginning, or at its beginning after trimming', () => {
    for (const text of ['\u200dx', '\ufe0fx', '\u3000\u200dx']) {
      expect(oneLine(text)).toBe('\ufffdx')
      expect(hasControl(oneLine(text))).toBe(false)
    }
  })

  it.each(CONTROLS.map(char => [char.charCodeAt(0).toString(16), char]))(
    'is shown without U+%s',
    (_, char) => {
      expect(hasControl(`a${char}b`)).toBe(true)
      const shown = oneLine(`a${char}b`)
      expect(shown).not.toContain(char)
      expect(shown).toMatch(/^a[ \ufffd]b$/)
    },
  )

  it.each([
    ['a\r\nb', 'a b'],
    ['a\n\n\tb', 'a b'],
    ['\n a \n', 'a'],
    ['a\x1b[31mb', 'a\ufffd[31mb'],
    ['a\ud83e', 'a\ufffd'],
    ['a  b', 'a  b'],
    ['👩‍👩‍👧‍👦 العربية é', '👩‍👩‍👧‍👦 العربية é'],
  ])('%j is shown as %j', (text, shown) => {
    expect(oneLine(text)).toBe(shown)
  })

  it('never has a control character, half a character or a space around it, whatever the text', () => {
    hold(
      property(anyText, text => {
        const shown = oneLine(text)
        expect(CONTROLS.filter(char => shown.includes(char))).toEqual([])
        expect(hasControl(shown)).toBe(false)
        expect(shown.isWellFormed()).toBe(true)
        expect(shown).toBe(shown.trim())
        expect(oneLine(shown)).toBe(shown)
      }),
      { numRuns: 2_000 },
    )
  })

  it('is the text itself if it contains nothing unsafe', () => {
    hold(
      property(
        string({ unit: char }).filter(
          text => text.isWellFormed() && !hasControl(text.trim()) && !hasControl(text),
        ),
        text => {
          expect(oneLine(text)).toBe(text.trim())
        },
      ),
    )
  })
})

describe('a control character', () => {
  it.each(['', 'a b', 'é', '中文', '🦊', '👩‍👩‍👧‍👦', '\u00a0', '\ufffd'])('is not found in %j', text => {
    expect(hasControl(text)).toBe(false)
  })

  it('is found every time', () => {
    expect([1, 2, 3].map(() => hasControl('a\x1b'))).toEqual([true, true, true])
  })
})

describe('a text of many lines', () => {
  it('becomes lines without control characters, and loses no other character', () => {
    hold(
      property(string({ unit: char, maxLength: 60 }), text => {
        for (const line of manyLines(text)) expect(oneLine(line)).toBe(line.trim())
      }),
    )
    expect(manyLines('a\r\n  b\n\n\tc\u001b[2J')).toEqual(['a', '  b', '', '  c\ufffd[2J'])
  })
})

describe('a length', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['🦊', 1],
    ['👩‍👩‍👧‍👦', 7],
    ['e\u0301', 2],
    ['\ud83e', 1],
  ])('of %j is %i code points', (text, length) => {
    expect(lengthOf(text)).toBe(length)
  })
})

describe('a text cut to a length', () => {
  it.each([
    ['abc', 3, 'abc'],
    ['abc', 2, 'ab'],
    ['abc', 0, ''],
    ['🦊🦊🦊', 2, '🦊🦊'],
  ])('%j to %i is %j', (text, max, cut) => {
    expect(cutTo(text, max)).toBe(cut)
  })

  it('is its beginning, no longer than requested, and never ends in half a character', () => {
    hold(
      property(
        string({ unit: char }).map(text => text.toWellFormed()),
        nat({ max: 20 }),
        (text, max) => {
          const cut = cutTo(text, max)
          expect(text.startsWith(cut)).toBe(true)
          expect(lengthOf(cut)).toBe(Math.min(max, lengthOf(text)))
          expect(cut.isWellFormed()).toBe(true)
        },
      ),
    )
  })
})
