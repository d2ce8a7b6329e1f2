import { describe, expect, it } from 'vitest'
import type { Line } from '../judge.ts'
import { at, type Story } from '../story.ts'
import { broken, L, rule } from './rule-test.ts'

describe('the rules of G5', () => {
  const stealEvent = (note: string) => ({
    event: 'steal',
    at: at(25),
    label: L,
    session: 'bo',
    purpose: note,
    token: 2,
    note,
  })
  rule(
    'steal-is-recorded',
    story => {
      story.exclusive('bo', L, 2, [20, 30], { verb: 'steal' })
      story.call('ana', 'log', { label: L }, [40, 50], { ok: true, events: [] })
    },
    story => {
      const { purpose } = story.exclusive('bo', L, 2, [20, 30], { verb: 'steal' })
      // This steal failed, and no answer shows that it took effect.
      story.call('cy', 'steal', { label: L }, [32, 35], { code: 'unreachable' })
      story.call('ana', 'log', { label: L }, [40, 50], { ok: true, events: [stealEvent(purpose)] })
    },
  )

  rule(
    'resolved-is-cleared',
    story => {
      const ana = story.claim('ana', L, [0, 10])
      story.call('bo', 'resolve', { label: L }, [20, 30], { ok: true, asOf: at(25), resolved: [ana] })
    },
    story => {
      const ana = story.claim('ana', L, [0, 10], { ttl: 1 })
      story.call('cy', 'peek', { label: L }, [1_990, 2_020], {
        ok: true,
        asOf: at(2_000),
        claims: [],
        lapsed: [ana],
      })
      story.call('bo', 'resolve', { label: L }, [2_000, 2_010], {
        ok: true,
        asOf: at(2_005),
        resolved: [ana],
      })
    },
  )
})

describe('the rules of G6 and G7', () => {
  const outage: Line = { type: 'fault', kind: 'kill-db', at: 90, until: 2_100, down: [100, 2_000] }
  rule(
    'unknown-is-not-empty',
    story => {
      story.add(outage)
      story.call('ana', 'list', {}, [200, 210], { ok: true, asOf: at(205), claims: [] })
    },
    story => {
      story.add(outage)
      story.call('ana', 'list', {}, [120, 140], { ok: true, asOf: at(130), claims: [] })
      story.call('ana', 'list', {}, [200, 210], { code: 'unreachable' })
      story.call('ana', 'list', {}, [1_900, 2_050], { ok: true, asOf: at(2_020), claims: [] })
    },
  )

  rule(
    'ends-in-time',
    story => {
      story.call('ana', 'list', {}, [0, 7_000], { code: 'unreachable' })
    },
    story => {
      story.call('ana', 'list', {}, [0, 7_000], { code: 'unreachable' })
      story.add({ type: 'fault', kind: 'freeze-client', target: 'ana', at: 1_000, until: 4_000 })
      story.call('bo', 'wait', { label: L, waitMs: 3_000 }, [0, 7_000], { code: 'unreachable' })
    },
  )

  rule(
    'run-runs',
    story => {
      story.call('ana', 'run', { label: L, exclusive: false }, [0, 500], { code: 'exit 3' })
    },
    story => {
      story.call('ana', 'run', { label: L, exclusive: true }, [0, 500], { code: 'exit 3' })
      story.call('ana', 'run', { label: L, exclusive: false }, [600, 900], {
        ok: true,
        status: 0,
        started: true,
      })
    },
  )

  const queuedClaim = (story: Story) =>
    story.call('ana', 'claim', { label: L, ttl: 60 }, [0, 10], { code: 'unreachable', queued: true })
  const event = (purpose: string, moment: number) => ({
    event: 'claim',
    at: at(moment),
    label: L,
    session: 'ana',
    purpose,
  })
  const synced = (done: number, more = {}) => ({
    ok: true,
    replayed: { done, left: 0, damaged: [], dropped: [], ...more },
  })
  rule(
    'queued-is-done-once',
    story => {
      queuedClaim(story)
      story.call('ana', 'sync', {}, [20, 30], synced(0))
      story.call('bo', 'log', { label: L }, [5_000, 5_010], { ok: true, events: [] })
    },
    story => {
      const id = queuedClaim(story)
      story.call('ana', 'claim', { label: L, ttl: 1 }, [12, 14], { code: 'unreachable', queued: true })
      story.call('ana', 'sync', {}, [20, 30], synced(1, { dropped: [{ label: L, sessionId: 'ana' }] }))
      story.call('bo', 'log', { label: L }, [5_000, 5_010], { ok: true, events: [event(id, 5)] })
    },
  )

  it('queued-is-done-once finds the drop of each call, also of one within the time of another', () => {
    const story = (drops: readonly number[]) =>
      broken(story => {
        story.call('ana', 'claim', { label: L, ttl: 1 }, [0, 500], { code: 'unreachable', queued: true })
        story.call('ana', 'claim', { label: L, ttl: 1 }, [100, 110], { code: 'unreachable', queued: true })
        const dropped = drops.map(moment => ({ label: L, sessionId: 'ana', saidAt: at(moment) }))
        story.call('ana', 'sync', {}, [600, 610], synced(2, { dropped }))
        story.call('bo', 'log', { label: L }, [5_000, 5_010], { ok: true, events: [] })
      })
    expect(story([105, 490])).toEqual([])
    expect(story([490, 105])).toEqual([])
    expect(story([490])).toEqual(['queued-is-done-once'])
  })

  it('queued-is-done-once reports operations that became dead letters, were done twice, or were never delivered', () => {
    const aside = broken(story => {
      const id = queuedClaim(story)
      story.call('ana', 'sync', {}, [20, 30], synced(0, { damaged: [`{"purpose":"${id}"}`] }))
    })
    const tooOften = broken(story => {
      queuedClaim(story)
      story.call('ana', 'sync', {}, [20, 30], synced(2))
    })
    const twice = broken(story => {
      const id = story.call('ana', 'claim', { label: L, ttl: 60 }, [0, 10], { code: 'unreachable' })
      story.call('bo', 'log', { label: L }, [5_000, 5_010], {
        ok: true,
        events: [event(id, 5), event(id, 9)],
      })
    })
    const never = broken(story => {
      queuedClaim(story)
      story.call('ana', 'sync', {}, [20, 30], {
        ok: true,
        replayed: { done: 0, left: 1, damaged: [], dropped: [] },
      })
    })
    for (const found of [aside, tooOften, twice, never]) expect(found).toEqual(['queued-is-done-once'])
  })
})

describe('the rule of G8', () => {
  rule(
    'one-clock',
    story => {
      story.call('ana', 'list', {}, [0, 10], { ok: true, asOf: at(3_600_000), claims: [] })
      story.call('bo', 'list', {}, [20, 30], { ok: true, asOf: at(25), claims: [] })
    },
    story => {
      story.call('ana', 'list', {}, [0, 10], { ok: true, asOf: at(10), claims: [] })
      story.call('bo', 'list', {}, [5, 30], { ok: true, asOf: at(5), claims: [] })
    },
  )
})
