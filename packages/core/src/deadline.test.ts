import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Deadline } from './deadline.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'hrtime'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const never = new Promise<never>(() => {})
const late = () => new Error('late')

/** Whether a promise has settled after all due timers have run. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false
  promise.then(
    () => {
      done = true
    },
    () => {
      done = true
    },
  )
  await vi.advanceTimersByTimeAsync(0)
  return done
}

describe('a deadline', () => {
  it('counts down to 0, never below, and has then passed', () => {
    const deadline = Deadline.after(100)
    expect([deadline.remainingMs(), deadline.passed]).toEqual([100, false])
    vi.advanceTimersByTime(60)
    expect([deadline.remainingMs(), deadline.passed]).toEqual([40, false])
    vi.advanceTimersByTime(40)
    expect([deadline.remainingMs(), deadline.passed]).toEqual([0, true])
    vi.advanceTimersByTime(1_000)
    expect([deadline.remainingMs(), deadline.passed]).toEqual([0, true])
  })

  it.each([0, -5])('of %i ms passes at once', ms => {
    expect(Deadline.after(ms).passed).toBe(true)
  })
})

describe('a race against a deadline', () => {
  it('returns a result that comes in time, even from a promise that had settled before', async () => {
    expect(await Deadline.after(100).race(Promise.resolve('done'), late)).toBe('done')
    expect(await Deadline.after(0).race(Promise.resolve('done'), late)).toBe('done')
  })

  it("throws the promise's own error if it comes in time", async () => {
    const own = new Error('own')
    await expect(Deadline.after(100).race(Promise.reject(own), late)).rejects.toBe(own)
  })

  it('throws the fault at the deadline and not before', async () => {
    const racing = Deadline.after(100).race(never, late)
    racing.catch(() => {})
    await vi.advanceTimersByTimeAsync(99)
    expect(await settled(racing)).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await expect(racing).rejects.toThrow('late')
  })

  it('creates its fault only when it is late', async () => {
    const fault = vi.fn(late)
    await Deadline.after(100).race(Promise.resolve(), fault)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(fault).not.toHaveBeenCalled()
  })

  it('has only the time that the race before it left', async () => {
    const deadline = Deadline.after(100)
    const slow = new Promise(resolve => setTimeout(resolve, 70))
    const first = deadline.race(slow, late)
    await vi.advanceTimersByTimeAsync(70)
    await first
    const second = deadline.race(never, late)
    second.catch(() => {})
    await vi.advanceTimersByTimeAsync(30)
    await expect(second).rejects.toThrow('late')
  })

  it.each([
    ['won', () => Deadline.after(100).race(Promise.resolve(), late)],
    ['failed', () => Deadline.after(100).race(Promise.reject(new Error('own')), late)],
    ['lost', () => Deadline.after(0).race(never, late)],
  ])('leaves no timer behind after it was %s', async (_, race) => {
    const racing = race().catch(() => {})
    await vi.advanceTimersByTimeAsync(0)
    await racing
    expect(vi.getTimerCount()).toBe(0)
  })

  it('causes no unhandled rejection if the promise fails after the deadline', async () => {
    const unheard = vi.fn()
    process.on('unhandledRejection', unheard)
    let fail: (error: Error) => void = () => {}
    const failing = new Promise<never>((_, reject) => {
      fail = reject
    })
    const racing = Deadline.after(0).race(failing, late)
    racing.catch(() => {})
    await vi.advanceTimersByTimeAsync(0)
    await expect(racing).rejects.toThrow('late')
    fail(new Error('much later'))
    await new Promise(resolve => setImmediate(resolve))
    process.off('unhandledRejection', unheard)
    expect(unheard).not.toHaveBeenCalled()
  })
})

describe('a pause', () => {
  it.each([
    ['as long as it was asked for', 30, 100, 30],
    ['no longer than to the deadline', 500, 100, 100],
  ])('lasts %s', async (_, ms, left, lasts) => {
    const pause = Deadline.after(left).pause(ms)
    await vi.advanceTimersByTimeAsync(lasts - 1)
    expect(await settled(pause)).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(await settled(pause)).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe("a deadline that exceeds a timer's maximum", () => {
  it.each([2 ** 31, Number.POSITIVE_INFINITY])('of %d ms has not passed at once', async ms => {
    const racing = Deadline.after(ms).race(never, late)
    racing.catch(() => {})
    await vi.advanceTimersByTimeAsync(60_000)
    expect(await settled(racing)).toBe(false)
  })
})
