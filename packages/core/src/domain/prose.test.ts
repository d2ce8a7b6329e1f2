import { assert as hold, integer, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseComponent, parseNotes, parseVersion } from './component.ts'
import { parseBody, parseMessageKind, parseSubject } from './message.ts'
import { hasControl, lengthOf, oneLine } from './text.ts'

const char = integer({ min: 0, max: 0x10ffff }).map(code => String.fromCodePoint(code))
const anything = string({ unit: char, maxLength: 300 })

describe('for any text', () => {
  it('an accepted subject is kept as given, and fits its column', () => {
    hold(
      property(anything, text => {
        const said = parseSubject(text)
        if (said.ok) expect([said.value, lengthOf(said.value) <= 255]).toEqual([text, true])
        else expect(oneLine(said.refusal.message)).toBe(said.refusal.message)
      }),
    )
  })

  it('an accepted component name has one line and one form', () => {
    hold(
      property(anything, text => {
        const said = parseComponent(text)
        if (!said.ok) {
          expect(oneLine(said.refusal.message)).toBe(said.refusal.message)
          return
        }
        expect(hasControl(said.value) || said.value !== said.value.trim()).toBe(false)
        expect(parseComponent(said.value)).toEqual(said)
      }),
    )
  })
})

describe('a message', () => {
  it('has at most 8,000 characters, as a database counts them', () => {
    expect(parseBody('🦊'.repeat(8_000)).ok).toBe(true)
    expect(parseBody('🦊'.repeat(8_001))).toMatchObject({ refusal: { code: 'invalid_message' } })
  })

  it.each([
    [undefined, 'MESSAGE'],
    ['STATUS_UPDATE', 'STATUS_UPDATE'],
  ])('of kind %s is %s', (kind, value) => expect(parseMessageKind(kind)).toEqual({ ok: true, value }))

  it.each([
    ['session_start', 'SESSION_START'],
    ['HEARTBEATS', 'HEARTBEAT'],
    ['x', undefined],
  ])('has no kind %s, and the refusal names the nearest kind: %s', (kind, near) => {
    const said = parseMessageKind(kind)
    expect(!said.ok && 'nearest' in said.refusal ? said.refusal.nearest : undefined).toBe(near)
  })
})

describe('an optional text', () => {
  it('becomes undefined if it is blank', () => {
    for (const said of [parseNotes(' '), parseNotes(undefined), parseVersion('')])
      expect(said).toEqual({ ok: true, value: undefined })
  })
})
