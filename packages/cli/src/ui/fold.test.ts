import { array, constantFrom, assert as hold, integer, property } from 'fast-check'
import truncated from 'fast-string-truncated-width'
import { describe, expect, it } from 'vitest'
import { fold } from './fold.ts'

const widthOf = (text: string) => truncated(text).width
const letters = (text: string) => text.replaceAll(/\s/g, '')

const WORDS = ['drain', 'обновление', 'ядра', '数据库', '𠀀', '🦊', 'x'.repeat(90), 'café', '-', 'a']

describe('a folded text', () => {
  it.each([
    ['one two three', 20, 'one two three'],
    ['one two three', 13, 'one two three'],
    ['one two three', 8, 'one two\nthree'],
    ['one two three', 5, 'one\ntwo\nthree'],
    ['abcdefghij', 4, 'abcdefghij'],
    ['an /a/very/long/path here', 10, 'an\n/a/very/long/path\nhere'],
    ['two f47ac10b-58cc-4372-a567-0e02b2c3d479 ids', 20, 'two\nf47ac10b-58cc-4372-a567-0e02b2c3d479\nids'],
    ['  an indent stays', 20, '  an indent stays'],
    ['columns   stay   apart', 40, 'columns   stay   apart'],
    ['first line\nsecond', 6, 'first\nline\nsecond'],
    ['', 20, ''],
    ['\n\n', 20, '\n\n'],
    ['no space at its end   ', 40, 'no space at its end'],
    ['数据库数据库', 12, '数据库数据库'],
    ['数据库数据库', 6, '数据库\n数据库'],
  ])('of %j in %i columns is %j', (text, width, folded) => {
    expect(fold(text, width)).toBe(folded)
  })

  it('is the text itself where it does not go to a terminal', () => {
    const text = 'word '.repeat(500).trim()
    expect(fold(text, Number.POSITIVE_INFINITY)).toBe(text)
  })

  it.each([20, 13])('keeps its colour codes and does not count them as width, in %i columns', width => {
    const painted = '\x1b[33mone two three\x1b[39m'
    expect(fold(painted, width)).toBe(painted)
  })

  it('is wider than the terminal only where a single word is, and keeps all of the text, whatever it is', () => {
    const text = array(constantFrom(...WORDS, ' ', '  ', '\n'), { maxLength: 40 }).map(parts =>
      parts.join(' '),
    )
    hold(
      property(text, integer({ min: 20, max: 200 }), (given, width) => {
        const folded = fold(given, width)
        const wide = (lines: string) => lines.split('\n').filter(line => widthOf(line) > width)
        expect(wide(folded).filter(line => line.trim().includes(' '))).toEqual([])
        expect(wide(fold(given, width, true))).toEqual([])
        expect(letters(folded)).toBe(letters(given))
      }),
      { numRuns: 500 },
    )
  })
})
