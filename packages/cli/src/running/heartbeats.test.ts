import type { SessionView } from '@presence/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Heartbeats } from './heartbeats.ts'

const NOTHING: SessionView = { asOf: new Date(0), mine: [], coClaims: [], lapsed: [] }
const HOUR_MS = 3_600_000

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function heartbeatsOf(ttlMs: number, beat: () => Promise<SessionView> = async () => NOTHING) {
  const said: string[] = []
  const asked = vi.fn(beat)
  const mended = vi.fn(async () => {})
  const heartbeats = new Heartbeats(ttlMs, asked, mended, text => said.push(text))
  return { heartbeats, asked, mended, said }
}

describe('the heartbeats of a run', () => {
  it('are sent three times in the life of a claim, and at least every two minutes', async () => {
    const short = heartbeatsOf(3_000)
    const long = heartbeatsOf(HOUR_MS)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(short.asked).toHaveBeenCalledTimes(60)
    await vi.advanceTimersByTimeAsync(9 * 60_000)
    expect(long.asked).toHaveBeenCalledTimes(5)
  })

  it('are sent at once when a laptop wakes, although its timers stood still during sleep', async () => {
    const { asked } = heartbeatsOf(HOUR_MS)
    await vi.advanceTimersByTimeAsync(1_000)
    // During sleep the wall clock advances; timers, and the clock that drives them, don't.
    vi.setSystemTime(Date.now() + HOUR_MS)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(asked).toHaveBeenCalledTimes(1)
  })

  it('report once that the board does not answer, and once that it answers again', async () => {
    let away = true
    const { said } = heartbeatsOf(3_000, async () => {
      if (away) throw new Error('no answer')
      return NOTHING
    })
    await vi.advanceTimersByTimeAsync(5_000)
    away = false
    await vi.advanceTimersByTimeAsync(5_000)
    expect(said).toEqual([expect.stringMatching(/no answer.*unknown/), 'the board answers again'])
  })

  it('claim nothing after they are stopped, not even for an answer that comes later', async () => {
    let answer = (_: SessionView) => {}
    const { heartbeats, mended } = heartbeatsOf(3_000, () => new Promise(resolve => (answer = resolve)))
    await vi.advanceTimersByTimeAsync(1_000)
    await heartbeats.stop()
    answer(NOTHING)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(mended).not.toHaveBeenCalled()
  })
})
