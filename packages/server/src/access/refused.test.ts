import { expect, it } from 'vitest'
import { Refused } from './refused.ts'

it('a refusal is recorded once an hour for each token and session, and at most ten times an hour for a token', () => {
  const refused = new Refused()
  expect(refused.isNews('ci', 'ana', 0)).toBe(true)
  expect(refused.isNews('ci', 'ana', 3_599_999)).toBe(false)
  expect(refused.isNews('web', 'ana', 3_599_999)).toBe(true)
  expect(refused.isNews('ci', 'ana', 3_600_000)).toBe(true)
  const many = Array.from({ length: 1_000 }, (_, at) => refused.isNews('ci', `s${at}`, 3_600_001))
  expect(many.filter(Boolean)).toHaveLength(9)
  expect(refused.isNews('web', 's1', 3_600_002)).toBe(true)
})
