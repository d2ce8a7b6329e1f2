import { assert as hold, property, string, stringMatching } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestOf, findToken, maySpeakAs, newToken, parseLines, tokenOfLine } from './tokens.ts'

const lineOf = (name: string, token: string, as = ['*']) => ({
  name,
  sha256: digestOf(token).toString('hex'),
  as,
})

describe('G9: a token', () => {
  it('is found among others, and any other text is not a token', () => {
    const [ana, bob] = [newToken(), newToken()]
    const tokens = [lineOf('ana', ana), lineOf('bob', bob)].map(tokenOfLine)
    expect(findToken(tokens, ana)?.name).toBe('ana')
    expect(findToken(tokens, bob)?.name).toBe('bob')
    for (const other of ['', ana.slice(0, -1), `${ana}A`, ana.toUpperCase(), digestOf(ana).toString('hex')])
      expect(findToken(tokens, other)).toBeUndefined()
  })

  it('is 256 bits, and different each time', () => {
    const [token, other] = [newToken(), newToken()]
    expect(Buffer.from(token.replace(/^presence_/, ''), 'base64url')).toHaveLength(32)
    expect(token).not.toBe(other)
  })

  it.each([
    ['ana@*', 'ana@laptop@1', true],
    ['ana@*', 'ana@', true],
    ['ana@*', 'bob@ana@laptop', false],
    ['ana@*', 'Ana@laptop', false],
    ['ana', 'ana2', false],
    ['ana', 'ana', true],
    ['ci-*-apply', 'ci-7-apply', true],
    ['ci-*-apply', 'ci-7-apply-2', false],
    ['*', 'anyone at all', true],
    ['a.c', 'abc', false],
    ['a*b*c', 'aXbYbZc', true],
    ['a*b*c', 'aXbYbZ', false],
    ['**', '', true],
    ['', 'a', false],
  ])('%j speaks as %j: %s', (pattern, id, may) => {
    expect(maySpeakAs({ as: [pattern] }, id)).toBe(may)
  })

  it('matches the same ids as an equivalent regular expression', () => {
    const few = stringMatching(/^[ab*]{0,8}$/)
    hold(
      property(few, stringMatching(/^[ab]{0,10}$/), (pattern, id) => {
        const same = new RegExp(`^${pattern.replaceAll('*', '.*')}$`)
        expect(maySpeakAs({ as: [pattern] }, id)).toBe(same.test(id))
      }),
    )
  })
})

describe('a token file’s text', () => {
  it('is refused with the number of the bad line, and the line itself is never shown', () => {
    const secret = newToken()
    const good = JSON.stringify(lineOf('ana', secret))
    for (const bad of [
      secret,
      `{"name":"ana","token":"${secret}"}`,
      '[]',
      good.replace('"as":["*"]', '"as":[]'),
    ]) {
      expect(() => parseLines(`${good}\n\n${bad}\n`)).toThrow('line 3 is not a token')
      expect(() => parseLines(bad)).not.toThrow(secret)
    }
    expect(() => parseLines(`${good}\n${good}`)).toThrow('two tokens have the same name')
  })

  it('never crashes the parser, whatever it contains', () => {
    hold(
      property(string({ unit: 'binary' }), text => {
        try {
          parseLines(text)
        } catch (error) {
          expect((error as Error).message).toMatch(/^line \d+ is not a token$/)
        }
      }),
    )
  })
})
