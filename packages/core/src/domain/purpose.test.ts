import { describe, expect, it } from 'vitest'
import { accepted, refused } from '../../test/answers.ts'
import { PURPOSE_LENGTH_MAX } from './limits.ts'
import { parsePurpose } from './purpose.ts'

describe('a purpose', () => {
  it.each([
    'drain for kernel',
    ' kept with its spaces ',
    'two\nlines and a\ttab',
    '\x1b[31mred\x07 \u202eabc',
    `'; DROP TABLE presence_claims; --`,
    'caf\u0065\u0301',
    '数据库 🦊 👩‍👩‍👧‍👦',
  ])('is kept as given: %j', text => {
    expect(accepted(parsePurpose(text)).value).toBe(text)
  })

  it.each(['a', '🦊'])('of 4000 characters is accepted, one of 4001 is refused: %s', unit => {
    const longest = unit.repeat(PURPOSE_LENGTH_MAX)
    expect(accepted(parsePurpose(longest)).value).toBe(longest)
    expect(refused(parsePurpose(longest + unit))).toMatchObject({
      code: 'invalid_purpose',
      message: 'the purpose has 4001 characters; the maximum is 4000',
    })
  })

  it.each([
    ['empty', '', 'a claim needs a purpose'],
    ['blank', ' \t\n', 'a claim needs a purpose'],
    ['blank with a wide space', '\u3000', 'a claim needs a purpose'],
    ['with a NUL', 'a\0b', 'contains a NUL or half a character'],
    ['with half an emoji', 'a\ud83e', 'contains a NUL or half a character'],
    ['with halves the wrong way round', '\udd8a\ud83e', 'contains a NUL or half a character'],
  ])('is refused with a remedy if it is %s', (_, text, reason) => {
    const refusal = refused(parsePurpose(text))
    expect(refusal).toMatchObject({ code: 'invalid_purpose', message: expect.stringContaining(reason) })
    expect(refusal.remedy).not.toBe('')
  })
})
