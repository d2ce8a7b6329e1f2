import { expect, it } from 'vitest'
import { ID_LENGTH_MAX, ToldFacts } from './told.ts'

const BOARD = 'boardxyz'
const fact = (key: number, at: number) => ({ key: `c ${key}`, row: `row ${key}`, at: new Date(at) })

it('an id has a bounded length and lists only the latest facts', () => {
  const told = new ToldFacts(BOARD, 1_000)
  for (let i = 0; i < 1_000; i++) told.add(fact(i, 2_000 + i))
  expect(told.id.length).toBeLessThanOrEqual(ID_LENGTH_MAX)
  const back = ToldFacts.parse(told.id, BOARD)
  expect(back?.has(fact(999, 2_999))).toBe(true)
  expect(back?.has(fact(0, 2_000))).toBe(false)
})

it('an id depends only on the latest changes, not on whether ids were read in between', () => {
  const told = new ToldFacts(BOARD, 1_000)
  const plain = new ToldFacts(BOARD, 1_000)
  for (let i = 0; i < 2_000; i++) {
    for (const each of [told, plain]) {
      each.add(fact(i % 900, 2_000 + i))
      if (i % 500 === 0) each.advance(1_500 + i)
    }
    expect(told.id).toContain(BOARD)
  }
  expect(told.id).toBe(plain.id)
})

// Joining all facts again for each id would exceed the test's timeout.
it('an id for each of 60,000 changes of one look is made in time', () => {
  const told = new ToldFacts(BOARD, 1_000)
  let length = 0
  for (let i = 0; i < 60_000; i++) {
    told.add(fact(i, 2_000))
    length += told.id.length
  }
  expect(length).toBeGreaterThan(0)
})
