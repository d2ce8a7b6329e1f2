import { constantFrom, assert as hold, integer, oneof, property, string, tuple } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KINDS, parseKind, parseLabel } from './label.ts'
import { LABEL_LENGTH_MAX } from './limits.ts'
import { hasControl, lengthOf } from './text.ts'

const char = integer({ min: 0, max: 0x10ffff }).map(code => String.fromCodePoint(code))
const anything = string({ unit: char, maxLength: 300 })
const piece = oneof(
  constantFrom(
    ...KINDS,
    'PVC',
    'pv',
    'nodes',
    'spaceship',
    ' ',
    '/',
    ':',
    'a',
    '\u0301',
    '\t',
    '\x1b',
    '\u202e',
  ),
  string({ maxLength: 3 }),
)
const labelLike = tuple(piece, constantFrom(':', '', ' : '), piece, piece, piece).map(parts => parts.join(''))
const input = oneof(labelLike, anything)

const runs = { numRuns: 2_000 }

describe('for any text', () => {
  it('an accepted label is kind:name, well-formed, in NFC, on one line, and at most 255 characters long', () => {
    hold(
      property(input, text => {
        const parsed = parseLabel(text)
        if (!parsed.ok) return
        const { kind, name, text: kept } = parsed.value
        expect(kept).toBe(`${kind}:${name}`)
        expect(KINDS).toContain(kind)
        expect(kept).toBe(text.normalize('NFC'))
        expect(kept.isWellFormed() && !hasControl(kept)).toBe(true)
        expect(lengthOf(kept)).toBeLessThanOrEqual(LABEL_LENGTH_MAX)
        expect(parseLabel(kept)).toEqual(parsed)
      }),
      runs,
    )
  })

  it('a refusal of a label has a reason and a remedy of one line each', () => {
    hold(
      property(input, text => {
        const parsed = parseLabel(text)
        if (parsed.ok) return
        for (const line of [parsed.refusal.message, parsed.refusal.remedy]) {
          expect(line).not.toBe('')
          expect(hasControl(line)).toBe(false)
          expect(line.isWellFormed()).toBe(true)
        }
      }),
      runs,
    )
  })

  it('the nearest form in a refusal of a label is itself accepted', () => {
    hold(
      property(input, text => {
        const parsed = parseLabel(text)
        if (parsed.ok || !('nearest' in parsed.refusal)) return
        expect(parsed.refusal).toMatchObject({ remedy: `did you mean ${parsed.refusal.nearest}?` })
        expect(parseLabel(parsed.refusal.nearest ?? '')).toMatchObject({ ok: true })
      }),
      runs,
    )
  })

  it('the nearest kind in a refusal of a kind is one of the kinds', () => {
    hold(
      property(oneof(piece, anything), text => {
        const parsed = parseKind(text)
        if (parsed.ok) expect(KINDS).toContain(parsed.value)
        else if ('nearest' in parsed.refusal) expect(KINDS).toContain(parsed.refusal.nearest)
      }),
      runs,
    )
  })
})

describe('the nearest form of an invalid label is itself accepted', () => {
  it.each([
    ['a blank one', ' '],
    ['a pvc with a space before a bare name', 'pvc: films'],
    ['a misspelt pvc with a bare name', 'pvcs:films'],
    ['a pvc with a blank part', 'pvc:media/ /'],
    ['an unknown kind with spaces around', ' spaceship:one '],
    ['a control character and no kind', 'k8s-1\x07'],
    ['a tab after the colon', 'node:\tk8s-1'],
  ])('for %s', (_, text) => {
    const parsed = parseLabel(text)
    expect(parsed.ok).toBe(false)
    if (parsed.ok || !('nearest' in parsed.refusal)) return
    expect(parseLabel(parsed.refusal.nearest ?? '')).toMatchObject({ ok: true })
  })
})
