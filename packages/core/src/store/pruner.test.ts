import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Deadline } from '../deadline.ts'
import type { Store } from './port/store.ts'
import { Pruner } from './pruner.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['hrtime'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** A store that has this many rows to prune. */
class StoreOf implements Pick<Store, 'prune'> {
  /** The batches that were requested. */
  readonly batches: { readonly rows: number; readonly leftMs: number }[] = []
  rows: number
  failing = false

  constructor(rows: number) {
    this.rows = rows
  }

  async prune(rows: number, deadline: Deadline): Promise<number> {
    this.batches.push({ rows, leftMs: deadline.remainingMs() })
    if (this.failing) throw new Error('the store failed')
    const gone = Math.min(rows, this.rows)
    this.rows -= gone
    return gone
  }
}

const always = () => 0

async function answered(pruner: Pruner, times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    pruner.afterAnswer()
    await pruner.settled()
  }
}

describe('the pruner', () => {
  it('prunes nothing before the first answer', async () => {
    const store = new StoreOf(1_000)
    await new Pruner(store, always).settled()
    expect(store.batches).toEqual([])
  })

  it('prunes one batch after an answer, bounded in rows and in time', async () => {
    const store = new StoreOf(1_000)
    await answered(new Pruner(store, always), 1)
    expect(store.batches).toEqual([{ rows: 100, leftMs: expect.any(Number) }])
    expect(store.batches[0]?.leftMs).toBeLessThanOrEqual(400)
    expect(store.rows).toBe(900)
  })

  it.each([
    [0, 1],
    [0.1249, 1],
    [0.125, 0],
    [0.999, 0],
  ])('prunes after one answer in eight: with a random number of %d, %i times', async (thrown, times) => {
    const store = new StoreOf(1_000)
    await answered(new Pruner(store, () => thrown), 1)
    expect(store.batches).toHaveLength(times)
  })

  it('prunes only after the answer was sent', async () => {
    const store = new StoreOf(1_000)
    const pruner = new Pruner(store, always)
    pruner.afterAnswer()
    await Promise.resolve()
    expect(store.batches).toEqual([])
    await pruner.settled()
    expect(store.batches).toHaveLength(1)
  })

  it('prunes again at the next answer while batches are full, and pauses after a partial one', async () => {
    const store = new StoreOf(250)
    const pruner = new Pruner(store, always)
    await answered(pruner, 3)
    expect([store.batches.length, store.rows]).toEqual([3, 0])
    store.rows = 250
    await answered(pruner, 5)
    expect([store.batches.length, store.rows]).toEqual([3, 250])
  })

  it('looks again after its pause', async () => {
    const store = new StoreOf(0)
    const pruner = new Pruner(store, always)
    await answered(pruner, 2)
    expect(store.batches).toHaveLength(1)
    vi.advanceTimersByTime(59_999)
    await answered(pruner, 1)
    expect(store.batches).toHaveLength(1)
    vi.advanceTimersByTime(1)
    await answered(pruner, 2)
    expect(store.batches).toHaveLength(2)
  })

  it('prunes one batch at a time, however many answers come in the meantime', async () => {
    const store = new StoreOf(1_000)
    const pruner = new Pruner(store, always)
    for (let time = 0; time < 10; time++) pruner.afterAnswer()
    await pruner.settled()
    expect(store.batches).toHaveLength(1)
  })

  it('ignores an error, pauses, and tries again later', async () => {
    const store = new StoreOf(1_000)
    store.failing = true
    const pruner = new Pruner(store, always)
    await answered(pruner, 3)
    expect(store.batches).toHaveLength(1)
    store.failing = false
    vi.advanceTimersByTime(60_000)
    await answered(pruner, 1)
    expect(store.rows).toBe(900)
  })

  it('is settled only after its batch has ended', async () => {
    const store = new StoreOf(1_000)
    let end: (gone: number) => void = () => {}
    store.prune = () =>
      new Promise<number>(resolve => {
        end = resolve
      })
    const pruner = new Pruner(store, always)
    pruner.afterAnswer()
    let settled = false
    const settling = pruner.settled().then(() => {
      settled = true
    })
    await new Promise(resolve => setImmediate(resolve))
    await new Promise(resolve => setImmediate(resolve))
    expect(settled).toBe(false)
    end(0)
    await settling
    expect(settled).toBe(true)
  })
})
