import { double, assert as hold, integer, oneof, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accepted, refused } from '../../test/answers.ts'
import { TTL_SECONDS_DEFAULT, TTL_SECONDS_MAX } from './limits.ts'
import { hasControl } from './text.ts'
import { parseExclusiveTtl, parseTtl } from './ttl.ts'

const char = integer({ min: 0, max: 0x10ffff }).map(code => String.fromCodePoint(code))

describe('a ttl', () => {
  it.each([
    [900, 900],
    ['900', 900],
    ['1', 1],
    ['1s', 1],
    ['90s', 90],
    ['15m', 900],
    ['2h', 7_200],
    ['24h', 86_400],
    ['1440m', 86_400],
    [86_400, 86_400],
    [' 15m ', 900],
    ['0015m', 900],
  ])('%j is %i seconds', (input, seconds) => {
    expect(accepted(parseTtl(input)).value).toBe(seconds)
  })

  it('may be never for an exclusive claim only', () => {
    expect(accepted(parseExclusiveTtl(' never ')).value).toBe(0)
    expect(accepted(parseExclusiveTtl('2h')).value).toBe(7_200)
    for (const input of [0, '0', 'Never', '25h', '']) expect(refused(parseExclusiveTtl(input))).toBeDefined()
    expect(refused(parseTtl('never')).message).toContain('exclusive')
  })

  it('has a default', () => {
    expect(accepted(parseTtl(undefined)).value).toBe(TTL_SECONDS_DEFAULT)
  })

  it.each([
    [0, 'is not longer than zero'],
    [-0, 'is not longer than zero'],
    ['0', 'is not longer than zero'],
    ['0h', 'is not longer than zero'],
    ['25h', 'is longer than a day'],
    ['1441m', 'is longer than a day'],
    [86_401, 'is longer than a day'],
    ['86401', 'is longer than a day'],
    [999_999_999, 'is longer than a day'],
    ['999999999h', 'is longer than a day'],
    [-1, 'is not a duration'],
    ['-1', 'is not a duration'],
    ['1.5h', 'is not a duration'],
    [1.5, 'is not a duration'],
    ['', 'is not a duration'],
    [' ', 'is not a duration'],
    ['abc', 'is not a duration'],
    ['15M', 'is not a duration'],
    ['15 m', 'is not a duration'],
    ['2d', 'is longer than a day'],
    ['1w', 'is not a duration'],
    ['h', 'is not a duration'],
    ['1h30m', 'is not a duration'],
    ['0x10', 'is not a duration'],
    ['1e3', 'is not a duration'],
    ['١٥', 'is not a duration'],
    ['15m\n16m', 'is not a duration'],
    [1e99, 'is not a duration'],
    [Number.NaN, 'is not a duration'],
    [Number.POSITIVE_INFINITY, 'is not a duration'],
  ])('%j is refused: it %s', (input, reason) => {
    expect(refused(parseTtl(input))).toMatchObject({
      code: 'invalid_ttl',
      message: expect.stringContaining(reason),
      remedy: 'give seconds or a duration from 1s to 24h: 900, 15m, 2h',
    })
  })

  it('is whole seconds from 1 to 86,400, or is refused on one line, whatever the input', () => {
    hold(
      property(oneof(integer(), double(), string({ unit: char })), input => {
        const parsed = parseTtl(input)
        if (parsed.ok) {
          expect(Number.isInteger(parsed.value)).toBe(true)
          expect(parsed.value).toBeGreaterThanOrEqual(1)
          expect(parsed.value).toBeLessThanOrEqual(TTL_SECONDS_MAX)
        } else expect(hasControl(parsed.refusal.message)).toBe(false)
      }),
    )
  })
})
