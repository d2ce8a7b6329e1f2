import { describe, expect, it } from 'vitest'
import { Buckets } from './rate.ts'

describe('a rate limit', () => {
  it('lets a minute’s requests through at once, and then as many as the time allows', () => {
    const buckets = new Buckets(60)
    for (let i = 0; i < 60; i++) expect(buckets.take('ana', 0)).toBe(0)
    expect(buckets.take('ana', 0)).toBeCloseTo(1_000)
    expect(buckets.take('ana', 400)).toBeCloseTo(600)
    expect(buckets.take('ana', 1_000)).toBe(0)
    expect(buckets.take('ana', 1_000)).toBeGreaterThan(0)
    for (let i = 0; i < 60; i++) expect(buckets.take('ana', 1e9)).toBe(0)
    expect(buckets.take('ana', 1e9)).toBeGreaterThan(0)
  })

  it('counts each apart', () => {
    const buckets = new Buckets(1)
    expect(buckets.take('ana', 0)).toBe(0)
    expect(buckets.take('ana', 0)).toBeGreaterThan(0)
    expect(buckets.take('bob', 0)).toBe(0)
  })

  it('remembers one that asks all the time through any number of others', () => {
    const buckets = new Buckets(1)
    for (let i = 0; i < 30_000; i++) {
      buckets.take(`address ${i}`, 0)
      if (i % 100 === 0) buckets.take('ana', 0)
    }
    expect(buckets.take('ana', 0)).toBeGreaterThan(0)
    // One that was forgotten begins anew.
    expect(buckets.take('address 0', 0)).toBe(0)
  })

  it('0 is no limit', () => {
    const buckets = new Buckets(0)
    for (let i = 0; i < 1_000; i++) expect(buckets.take('ana', 0)).toBe(0)
  })
})
