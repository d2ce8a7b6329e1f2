import { assert as hold, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ago, duration, when } from './time.ts'

const S = 1_000
const MIN = 60 * S
const H = 60 * MIN
const D = 24 * H

describe('a duration', () => {
  it.each([
    [0, '0 s'],
    [499, '0 s'],
    [500, '1 s'],
    [S, '1 s'],
    [40 * S, '40 s'],
    [59_499, '59 s'],
    [59_500, '1 min'],
    [MIN, '1 min'],
    [MIN + 59 * S, '1 min'],
    [4 * MIN, '4 min'],
    [59 * MIN + 59 * S, '59 min'],
    [H, '1 h'],
    [H + 59 * S, '1 h'],
    [2 * H + 5 * MIN, '2 h 5 min'],
    [23 * H + 59 * MIN + 59 * S, '23 h 59 min'],
    [D, '1 d'],
    [D + 59 * MIN, '1 d'],
    [D + 2 * H + 30 * MIN, '1 d 2 h'],
    [400 * D, '400 d'],
    [-1, '0 s'],
    [-D, '0 s'],
  ])('of %i ms is %s', (ms, text) => {
    expect(duration(ms)).toBe(text)
  })

  it('in its short form has only its largest unit', () => {
    expect([2 * H + 5 * MIN, 3 * D + H].map(ms => duration(ms, 'short'))).toEqual(['2 h', '3 d'])
  })

  it('never shows a unit with the value 0', () => {
    hold(
      property(integer({ min: 500, max: 400 * D }), ms => {
        expect(duration(ms)).toMatch(/^[1-9]\d* (s|min|d|h|d [1-9]\d* h|h [1-9]\d* min)$/)
      }),
    )
  })
})

describe('a moment', () => {
  const asOf = new Date('2030-01-02T03:04:05.678Z')
  const before = (ms: number) => new Date(asOf.getTime() - ms)

  it.each([
    [0, 'just now'],
    [1_999, 'just now'],
    [2_000, '2 s ago'],
    [4 * MIN, '4 min ago'],
    [26 * H, '1 d 2 h ago'],
    [-5_000, 'just now'],
  ])('%i ms before is %s', (ms, text) => {
    expect(ago(before(ms), asOf)).toBe(text)
  })

  it('is shown in UTC to the second, with how long ago it was', () => {
    expect(when(before(4 * MIN), asOf)).toBe('2030-01-02 03:00:05 UTC (4 min ago)')
    expect(when(asOf, asOf)).toBe('2030-01-02 03:04:05 UTC (just now)')
  })
})
