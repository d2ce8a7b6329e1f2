import { assert as hold, integer, jsonValue, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AS_OF, claimOf } from './fixture.ts'
import { claimJson, claimsJson, toJson } from './json.ts'

const char = integer({ min: 0, max: 0x10ffff }).map(code => String.fromCodePoint(code))

const UNSAFE = [
  ...Array.from({ length: 0x20 }, (_, code) => String.fromCharCode(code)),
  ...Array.from({ length: 0x21 }, (_, at) => String.fromCharCode(0x7f + at)),
  ...'\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069',
]
const unsafeIn = (text: string) => UNSAFE.filter(char => text.includes(char))

describe('JSON', () => {
  it('is one line without control characters, and parses back to the same value', () => {
    hold(
      property(jsonValue({ stringUnit: char }), value => {
        const json = toJson(value)
        expect(unsafeIn(json)).toEqual([])
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it('keeps any text with control characters, as a value and as a key', () => {
    hold(
      property(string({ unit: char }), text => {
        const value = { [`${text}\x9b\u202e`]: [`\x1b\x7f${text}\u2066`] }
        const json = toJson(value)
        expect(unsafeIn(json)).toEqual([])
        expect(JSON.parse(json)).toEqual(value)
      }),
    )
  })

  it.each(UNSAFE.map(char => [char.charCodeAt(0).toString(16).padStart(4, '0'), char]))(
    'escapes U+%s',
    (code, char) => {
      const json = toJson(char)
      expect(unsafeIn(json)).toEqual([])
      expect(JSON.parse(json)).toBe(char)
      if (char >= '\x7f') expect(json).toBe(`"\\u${code}"`)
    },
  )

  it.each(['é', '数据库', '🦊', '👩‍👩‍👧‍👦', 'العربية'])('leaves other text readable: %s', text => {
    expect(toJson(text)).toBe(`"${text}"`)
  })

  it('escapes half a surrogate pair so that it parses back', () => {
    expect(toJson('\ud83e')).toBe('"\\ud83e"')
  })
})

describe('a claim in JSON', () => {
  it('has null as its end if it never expires', () => {
    expect(claimJson(claimOf({ never: true }), { me: 'ana' })).toMatchObject({
      expires_at: null,
      ttl_seconds: 0,
    })
  })

  it('says whether it is idle if it is exclusive and the time is known', () => {
    const stale = (made: number) => claimJson(claimOf({ never: true, made }), { me: 'ana', asOf: AS_OF })
    expect([stale(7_199), stale(7_200)]).toMatchObject([{ stale: false }, { stale: true }])
    expect(claimJson(claimOf(), { me: 'ana', asOf: AS_OF })).not.toHaveProperty('stale')
  })

  it('has the names of the columns, and its times in UTC to the millisecond', () => {
    const claim = claimOf({ label: 'node:a', id: 'ana', user: 'u', host: 'h', purpose: 'drain', made: 240 })
    expect(claimJson(claim, { me: 'ben' })).toEqual({
      session_id: 'ana',
      resource_label: 'node:a',
      purpose: 'drain',
      claimed_at: '2030-01-02T03:00:05.678Z',
      expires_at: '2030-01-02T03:15:05.678Z',
      ttl_seconds: 900,
      mode: 'shared',
      token: null,
      user: 'u',
      host: 'h',
      agent_name: 'cli',
      place: { repo: null, branch: null, worktree: null },
      is_me: false,
    })
    expect(new Date(claimJson(claim, { me: 'ben' }).claimed_at).getTime()).toBe(AS_OF.getTime() - 240_000)
  })

  it("says whether it is the reader's own, in the order given", () => {
    const claims = [claimOf({ id: 'ben' }), claimOf({ id: 'ana' })]
    expect(claimsJson(claims, { me: 'ana' }).map(({ session_id, is_me }) => [session_id, is_me])).toEqual([
      ['ben', false],
      ['ana', true],
    ])
  })
})
