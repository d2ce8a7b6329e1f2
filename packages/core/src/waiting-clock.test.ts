import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Deadline, ownWork } from './deadline.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'hrtime'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const never = new Promise<never>(() => {})
const late = () => new Error('late')

it("a deadline does not count the process's own work", async () => {
  const deadline = Deadline.after(100)
  const working = ownWork(() => new Promise(resolve => setTimeout(resolve, 5_000)))
  await vi.advanceTimersByTimeAsync(4_000)
  expect(deadline.remainingMs()).toBe(100)
  await vi.advanceTimersByTimeAsync(1_000)
  await working
  expect(deadline.remainingMs()).toBe(100)
  await vi.advanceTimersByTimeAsync(40)
  expect(deadline.remainingMs()).toBe(60)
})

it('work that overlaps other work is subtracted only once', async () => {
  const deadline = Deadline.after(100)
  const work = (ms: number) => ownWork(() => new Promise(resolve => setTimeout(resolve, ms)))
  const both = Promise.all([work(300), work(500)])
  await vi.advanceTimersByTimeAsync(500)
  await both
  await vi.advanceTimersByTimeAsync(30)
  expect(deadline.remainingMs()).toBe(70)
})

it('a deadline continues after the process’s own work has failed', async () => {
  const deadline = Deadline.after(100)
  await expect(ownWork(() => Promise.reject(new Error('no such file')))).rejects.toThrow('no such file')
  await vi.advanceTimersByTimeAsync(100)
  expect(deadline.passed).toBe(true)
})

it("a race that waits through the process's own work ends that much later", async () => {
  const racing = Deadline.after(100).race(never, late)
  let isOver = false
  racing.catch(() => {
    isOver = true
  })
  const working = ownWork(() => new Promise(resolve => setTimeout(resolve, 1_000)))
  await vi.advanceTimersByTimeAsync(1_090)
  await working
  expect(isOver).toBe(false)
  await vi.advanceTimersByTimeAsync(110)
  expect(isOver).toBe(true)
})

it('time in which the process could not run does not count', async () => {
  vi.useRealTimers()
  let isOver = false
  const racing = Deadline.after(150).race(never, late)
  racing.catch(() => {
    isOver = true
  })
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400)
  // Answers that arrived in the meantime are read before the race fails.
  await new Promise(resolve => setTimeout(resolve, 1))
  expect(isOver).toBe(false)
  await expect(racing).rejects.toThrow('late')
})

it('a deadline has passed once its signal fires', async () => {
  const gone = new AbortController()
  const deadline = Deadline.after(10_000).until(gone.signal)
  const racing = deadline.race(never, late)
  racing.catch(() => {})
  gone.abort()
  await expect(racing).rejects.toThrow('late')
  expect(deadline.passed).toBe(true)
  expect(vi.getTimerCount()).toBe(0)
})
