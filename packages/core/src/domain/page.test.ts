import { array, assert as hold, integer, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCursor, parseLimit, toCursor } from './page.ts'

describe('the cursor of a list', () => {
  it('is read back as it was written, whatever the text', () => {
    hold(
      property(
        array(integer({ min: 0, max: 253_402_300_799_000 }), { maxLength: 2 }),
        string({ minLength: 1 }),
        (numbers, text) => {
          const read = parseCursor(toCursor([numbers, text]), numbers.length)
          expect(read).toEqual({ ok: true, value: [numbers, text] })
        },
      ),
    )
  })

  it.each(['', 'x', '1', '1~', '-1~x', '1.5~x', '1e3~x', `${'9'.repeat(16)}~x`, '1~\ud800'])(
    "can't be %j",
    text => expect(parseCursor(text, 1)).toMatchObject({ ok: false, refusal: { code: 'invalid_cursor' } }),
  )
})

describe('a page', () => {
  it.each([
    [undefined, 50],
    [Number.NaN, 50],
    [0, 50],
    [-3, 1],
    [1, 1],
    [7.9, 7],
    [501, 500],
    [Number.POSITIVE_INFINITY, 500],
  ])('of %s requested rows has at most %i', (asked, rows) => expect(parseLimit(asked)).toBe(rows))
})
