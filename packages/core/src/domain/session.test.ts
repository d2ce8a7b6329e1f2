import { assert as hold, integer, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accepted, refused } from '../../test/answers.ts'
import { SESSION_ID_LENGTH_MAX } from './limits.ts'
import { parseSessionId } from './session.ts'
import { hasControl } from './text.ts'

const char = integer({ min: 0, max: 0x10ffff }).map(code => String.fromCodePoint(code))

describe('a session id', () => {
  it.each([
    'ana@laptop@1',
    '0d0c9a52-6a4f-4f8e-9f0f-7a7a3b1c2d3e',
    'Ana Müller',
    '会话-🦊',
    `'; DROP TABLE presence_claims; --`,
  ])('is kept as given: %s', id => {
    expect(accepted(parseSessionId(id, '--session')).value).toBe(id)
  })

  it.each(['a', '🦊'])('of 128 characters is accepted, one of 129 is refused: %s', unit => {
    const longest = unit.repeat(SESSION_ID_LENGTH_MAX)
    expect(accepted(parseSessionId(longest, '--session')).value).toBe(longest)
    expect(refused(parseSessionId(longest + unit, '--session')).message).toContain(
      'has 129 characters; an id has at most 128',
    )
  })

  it.each([
    ['empty', '', 'is blank'],
    ['blank', ' \t', 'is blank'],
    ['with a space before it', ' ana', 'has spaces around it'],
    ['with a space after it', 'ana ', 'has spaces around it'],
    ['with a line break', 'ana\nben', 'contains a control character'],
    ['with an escape', '\x1b[31mana', 'contains a control character'],
    ['with a C1 control', 'ana\x9b', 'contains a control character'],
    ['with an override of direction', 'ana\u202e', 'contains a control character'],
    ['with half an emoji', 'ana\ud83e', 'contains a control character'],
  ])('is refused if it is %s, with its source and a remedy', (_, id, reason) => {
    const refusal = refused(parseSessionId(id, 'CODEX_THREAD_ID'))
    expect(refusal.code).toBe('invalid_session')
    expect(refusal.message).toMatch(/^CODEX_THREAD_ID /)
    expect(refusal.message).toContain(reason)
    expect(refusal.remedy).not.toBe('')
  })

  it('is either kept or refused on one line, whatever the input', () => {
    hold(
      property(string({ unit: char, maxLength: 200 }), id => {
        const parsed = parseSessionId(id, '--session')
        if (parsed.ok) expect(parsed.value).toBe(id)
        expect(hasControl(parsed.ok ? parsed.value : parsed.refusal.message)).toBe(false)
      }),
    )
  })
})
