import { KINDS, parseLabel } from '@presence/core'
import { constantFrom, assert as hold, integer, oneof, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lockId, parseLockId } from './lock-id.ts'
import { labelOf, resourceOf } from './resource.ts'

const char = integer({ min: 0, max: 0x10ffff })
  .filter(code => code < 0xd800 || code > 0xdfff)
  .map(code => String.fromCodePoint(code))
const odd = constantFrom(
  '%',
  '%41',
  ' ',
  'é',
  'e\u0301',
  '\u0301',
  '\u200b',
  '\n',
  '/',
  ':',
  '\u202e',
  '👩‍💻',
  'a',
)
const resource = oneof(
  string({ unit: char, minLength: 1 }),
  string({ unit: odd, minLength: 1, maxLength: 12 }),
)
const label = (text: string, project = 'shop') => labelOf(project, text, KINDS)

describe('the label of a resource', () => {
  it.each([
    ['node:k8s-1', 'node:k8s-1'],
    ['server/src/api/credentials.rs', 'infra:shop/server/src/api/credentials.rs'],
    ['server:main', 'infra:shop/server:main'],
    ['a b', 'infra:shop/a b'],
    ['a ', 'infra:shop/a%20'],
    ['100%', 'infra:shop/100%25'],
    ['a\nb', 'infra:shop/a%0Ab'],
    ['é', 'infra:shop/é'],
    ['e\u0301', 'infra:shop/e%CC%81'],
  ])('of %j is %j', (text, expected) => {
    expect(label(text)).toEqual({ ok: true, label: expected })
  })

  it('is unique to the resource and can be read back', () => {
    const seen = new Map<string, string>()
    hold(
      property(resource, text => {
        const made = label(text)
        if (!made.ok || parseLabel(text).ok) return
        expect(resourceOf(made.label, KINDS)).toEqual({ project: 'shop', resource: text })
        expect(seen.get(made.label) ?? text).toBe(text)
        seen.set(made.label, text)
      }),
      { numRuns: 2_000 },
    )
  })

  it('is refused with a reason if it would be too long', () => {
    expect(label('x'.repeat(244))).toMatchObject({ ok: true })
    expect(label('x'.repeat(245))).toMatchObject({
      ok: false,
      message: expect.stringContaining('256 characters'),
    })
  })

  it.each([
    'infra:dns',
    'infra:Shop/a',
    'infra:shop/100%',
    'infra:shop/%41',
    'infra:shop/node:a',
    'node:a/b',
  ])('is returned as it is if it was not made from a resource: %j', text => {
    expect(resourceOf(text, KINDS)).toEqual({ project: undefined, resource: text })
  })
})

describe("a lock's id", () => {
  it('identifies the acquisition, for any label', () => {
    hold(
      property(string({ unit: char, minLength: 1 }), integer({ min: 1 }), (text, token) => {
        expect(parseLockId(lockId({ label: text, token }))).toEqual({ label: text, token })
      }),
    )
  })

  it.each(['', 'x', 'MDpub2RlOmE', 'bm9kZTph', '../..', 'MTp', `${lockId({ label: 'node:a', token: 1 })}=`])(
    'is rejected if it is malformed: %j',
    id => {
      expect(parseLockId(id)).toBeUndefined()
    },
  )
})
