import { array, assert as hold, integer, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KINDS } from './label.ts'
import { nearest, nearestOf } from './nearest.ts'

const char = integer({ min: 0, max: 0x10ffff }).map(code => String.fromCodePoint(code))

describe('the nearest word', () => {
  it.each([
    ['node', 'node'],
    ['nodes', 'node'],
    ['NODE', 'node'],
    ['sevrice', 'service'],
    ['statck', 'stack'],
    ['infrastr', undefined],
    ['kubernetes', undefined],
    ['', undefined],
  ])('to %j among the kinds is %s', (word, near) => {
    expect(nearest(word, KINDS)).toBe(near)
  })

  it('may differ more the longer the word is', () => {
    expect(nearest('nod---', ['node'])).toBeUndefined()
    expect(nearest('persistentvolume---', ['persistentvolume'])).toBe('persistentvolume')
  })

  it.each([
    ['dns', 'dsn'],
    ['snd', undefined],
  ])('counts two swapped neighbours as one typing error: %j is %s', (word, near) => {
    expect(nearest(word, ['dsn', 'kinds'])).toBe(near)
  })

  it('is undefined if there are no candidates', () => {
    expect(nearest('node', [])).toBeUndefined()
  })

  it('is one of the candidates, and a candidate is nearest to itself', () => {
    const words = array(
      string({ minLength: 1 }).filter(word => word === word.toLowerCase()),
      { minLength: 1 },
    )
    hold(
      property(words, string({ unit: char }), (candidates, word) => {
        const near = nearest(word, candidates)
        if (near !== undefined) expect(candidates).toContain(near)
        const [first = ''] = candidates
        expect(nearest(first, candidates)).toBe(first)
      }),
    )
  })
})

describe('the candidates that a word may stand for', () => {
  const ids = ['ben@laptop@1', 'Ana@laptop@1f3a', 'x-ana', 'eve', 'ana@laptop@77', '']

  it.each([
    ['ana', 3, ['Ana@laptop@1f3a', 'ana@laptop@77', 'x-ana']],
    ['ana', 1, ['Ana@laptop@1f3a']],
    ['bne@laptop@1', 3, ['ben@laptop@1']],
    ['eve@laptop@2', 3, ['eve']],
    ['nobody', 3, []],
    ['', 3, []],
  ])('for %j, at most %i: %j', (word, max, found) => expect(nearestOf(word, ids, max)).toEqual(found))
})
