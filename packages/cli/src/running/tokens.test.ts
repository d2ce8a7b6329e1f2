import { describe, expect, it } from 'vitest'
import { environmentOf, tokenFrom, tokenIn, tokensText } from './tokens.ts'

describe('tokens in an environment', () => {
  it('are found by their labels, whatever characters these contain', () => {
    const tokens = new Map([
      ['infra:b c', 3],
      ['infra:b', 4],
      ['infra:x=5 node:y', 6],
      ['infra:z node:q=7 %20', 9],
      ['infra:100%', 11],
      ['node:a', 12],
    ])
    const text = tokensText(tokens)
    for (const [label, token] of tokens) expect(tokenIn(text, label), label).toBe(String(token))
    for (const label of ['infra', 'node:a=1', 'node:', 'node:y', 'node:q', 'infra:z', 'infra:100'])
      expect(tokenIn(text, label)).toBeUndefined()
  })

  it('are found if the label is typed in another Unicode form', () => {
    expect(tokenIn(tokensText(new Map([['db:\u00e9', 1]])), 'db:e\u0301')).toBe('1')
  })

  it('are those of the innermost run where one run is inside another', () => {
    expect(tokenIn('node:a=7 node:b=2 node:a=3', 'node:a')).toBe('7')
  })

  it('are used for no other label', () => {
    const env = { PRESENCE_TOKEN: '1', PRESENCE_TOKENS: 'node:a=1' }
    expect(tokenFrom(env, 'node:a')).toBe('1')
    expect(tokenFrom(env, 'node:b')).toBeUndefined()
    expect(tokenFrom({ PRESENCE_TOKEN: '1' }, 'node:b')).toBe('1')
    expect(tokenFrom({}, 'node:b')).toBeUndefined()
  })

  it('are kept on the same board only', () => {
    const env = { PRESENCE_DSN: 'sqlite:a', PRESENCE_TOKENS: 'node:a=1', PATH: '/bin' }
    expect(environmentOf(env, undefined)).toEqual(env)
    expect(environmentOf(env, 'sqlite:a')).toEqual(env)
    expect(environmentOf(env, 'sqlite:b')).toEqual({ PRESENCE_DSN: 'sqlite:b', PATH: '/bin' })
  })
})
