import { describe, expect, it } from 'vitest'
import { Buckets } from './rate.ts'

describe('a rate limit', () => {
  it('allows a minute’s requests at once, and then as many as the elapsed time allows', () => {
    const buckets = new Buckets(60)
    for (let i = 0; i < 60; i++) expect(buckets.take('ana', 0)).toBe(0)
    expect(buckets.take('ana', 0)).toBeCloseTo(1_000)
    expect(buckets.take('ana', 400)).toBeCloseTo(600)
    expect(buckets.take('ana', 1_000)).toBe(0)
    expect(buckets.take('ana', 1_000)).toBeGreaterThan(0)
    for (let i = 0; i < 60; i++) expect(buckets.take('ana', 1e9)).toBe(0)
    expect(buckets.take('ana', 1e9)).toBeGreaterThan(0)
  })

  it('counts each key separately', () => {
    const buckets = new Buckets(1)
    expect(buckets.take('ana', 0)).toBe(0)
    expect(buckets.take('ana', 0)).toBeGreaterThan(0)
    expect(buckets.take('bob', 0)).toBe(0)
  })

  it('remembers a key that is used all the time, among any number of other keys', () => {
    const buckets = new Buckets(1)
    for (let i = 0; i < 30_000; i++) {
      buckets.take(`address ${i}`, 0)
      if (i % 100 === 0) buckets.take('ana', 0)
    }
    expect(buckets.take('ana', 0)).toBeGreaterThan(0)
    // A forgotten key starts with a full bucket.
    expect(buckets.take('address 0', 0)).toBe(0)
  })

  it('is off at 0', () => {
    const buckets = new Buckets(0)
    for (let i = 0; i < 1_000; i++) expect(buckets.take('ana', 0)).toBe(0)
  })
})
