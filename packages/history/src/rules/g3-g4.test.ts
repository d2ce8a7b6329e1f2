import { describe, expect, it } from 'vitest'
import { at, type Story } from '../story.ts'
import { broken, L, rule } from './rule-test.ts'

describe('the rules of G3', () => {
  rule(
    'never-shorter',
    story => {
      const ana = story.claim('ana', L, [0, 10])
      const cut = { ...ana, expiresAt: ana.expiresAt - 1 }
      story.call('bo', 'peek', { label: L }, [20, 30], { ok: true, asOf: at(25), claims: [cut] })
    },
    story => {
      // A new claim after a release may end sooner than the old one.
      story.claim('ana', L, [0, 10])
      story.call('ana', 'release', { label: L }, [12, 14])
      const ana = story.claim('ana', L, [20, 30], { ttl: 5 })
      story.call('bo', 'peek', { label: L }, [40, 50], { ok: true, asOf: at(45), claims: [ana] })
    },
  )

  rule(
    'heartbeat-extends',
    story => {
      const ana = story.claim('ana', L, [0, 10], { ttl: 10 })
      story.call('ana', 'heartbeat', {}, [2_000, 2_010], { ok: true, asOf: at(2_005), mine: [ana] })
    },
    story => {
      const ana = story.claim('ana', L, [0, 10], { ttl: 10 })
      const extended = { ...ana, expiresAt: at(12_003) }
      story.call('ana', 'heartbeat', {}, [2_000, 2_010], { ok: true, asOf: at(2_005), mine: [extended] })
    },
  )

  rule(
    'claim-again-keeps',
    story => {
      story.claim('ana', L, [0, 10])
      story.claim('ana', L, [20, 30])
    },
    story => {
      const { claimedAt } = story.claim('ana', L, [0, 10], { ttl: 1 })
      story.claim('ana', L, [20, 30], { claimedAt, ttl: 1 })
      // The claim had expired by then.
      story.claim('ana', L, [1_030, 1_040])
    },
  )

  rule(
    'expired-is-not-live',
    story => {
      const ana = story.claim('ana', L, [0, 10], { ttl: 1 })
      story.call('bo', 'peek', { label: L }, [2_000, 2_010], { ok: true, asOf: at(2_005), claims: [ana] })
    },
    story => {
      const ana = story.claim('ana', L, [0, 10], { ttl: 1 })
      story.call('bo', 'peek', { label: L }, [1_000, 1_010], { ok: true, asOf: at(1_004), claims: [ana] })
    },
  )
})

describe('the rules of G4', () => {
  rule(
    'one-holder',
    story => {
      story.exclusive('ana', L, 1, [0, 10])
      story.exclusive('bo', L, 2, [20, 30])
    },
    story => {
      story.exclusive('ana', L, 1, [0, 10], { ttl: 1 })
      story.exclusive('bo', L, 2, [1_000, 1_020], { ttl: 1 })
      story.call('bo', 'release', {}, [1_030, 1_040])
      story.exclusive('cy', L, 3, [1_035, 1_045])
      story.exclusive('di', L, 4, [1_050, 1_060], { verb: 'steal' })
    },
  )

  it('one-holder reports a shared claim beside an exclusive one, in either order or at the same time', () => {
    const after = broken(story => {
      const ana = story.exclusive('ana', L, 1, [0, 10])
      story.claim('bo', L, [20, 30], { others: [ana] })
    })
    const before = broken(story => {
      const ana = story.claim('ana', L, [0, 10])
      story.exclusive('bo', L, 1, [20, 30], { others: [ana] })
    })
    const atOnce = broken(story => {
      const ana = story.exclusive('ana', L, 1, [0, 10])
      story.claim('bo', L, [5, 15], { others: [ana] })
    })
    for (const found of [after, before, atOnce]) expect(found).toEqual(['one-holder'])
  })

  it('one-holder allows an exclusive claim with overShared, and the shared claims to be renewed', () => {
    expect(
      broken(story => {
        const ana = story.claim('ana', L, [0, 10])
        const bo = story.exclusive('bo', L, 1, [20, 30], { others: [ana], args: { overShared: true } })
        story.claim('ana', L, [40, 50], { claimedAt: ana.claimedAt, others: [bo] })
      }),
    ).toEqual([])
  })

  it('one-holder reports a refusal that names no holder', () => {
    expect(
      broken(story => {
        story.call('ana', 'claim', { label: L }, [0, 10], { ok: false, code: 'held', holders: [] })
      }),
    ).toEqual(['one-holder'])
  })

  rule(
    'tokens-grow',
    story => {
      story.exclusive('ana', L, 7, [0, 10], { ttl: 1 })
      story.exclusive('bo', L, 7, [2_000, 2_010])
    },
    story => {
      story.exclusive('ana', L, 7, [0, 10], { ttl: 1 })
      story.exclusive('bo', 'node:b', 7, [2_000, 2_010])
      // The calls overlap, so either may have been first.
      story.exclusive('cy', L, 9, [2_000, 2_010], { ttl: 1 })
      story.call('cy', 'release', {}, [2_011, 2_020])
      story.exclusive('bo', L, 10, [2_012, 2_022])
    },
  )

  it('tokens-grow reports an old holder that is shown after a new one', () => {
    expect(
      broken(story => {
        const ana = story.exclusive('ana', L, 1, [0, 10])
        story.exclusive('bo', L, 2, [20, 30], { verb: 'steal' })
        story.call('cy', 'peek', { label: L }, [40, 50], { ok: true, asOf: at(45), claims: [ana] })
      }),
    ).toContain('tokens-grow')
  })

  rule(
    'verify-is-true',
    story => {
      story.exclusive('ana', L, 1, [0, 10])
      story.exclusive('bo', L, 2, [20, 30], { verb: 'steal' })
      story.call('ana', 'verify', { label: L, token: 1 }, [40, 50], { ok: true, asOf: at(45), current: true })
    },
    story => {
      const holder = story.exclusive('ana', L, 1, [0, 10])
      story.exclusive('bo', L, 2, [20, 30], { verb: 'steal' })
      story.call('ana', 'verify', { label: L, token: 1 }, [29, 50], {
        ok: true,
        asOf: at(30),
        current: true,
        holder,
      })
      story.call('ana', 'verify', { label: L, token: 1 }, [60, 70], {
        ok: true,
        asOf: at(65),
        current: false,
      })
    },
  )

  it('verify-is-true reports a token that was lost without a cause, or verifies after its release or expiry', () => {
    const lost = broken(story => {
      story.exclusive('ana', L, 1, [0, 10])
      story.call('ana', 'verify', { label: L, token: 1 }, [20, 30], {
        ok: true,
        asOf: at(25),
        current: false,
      })
    })
    const released = broken(story => {
      const ana = story.exclusive('ana', L, 1, [0, 10])
      story.call('ana', 'release', { label: L }, [20, 30], { ok: true, released: [ana] })
      story.call('bo', 'verify', { label: L, token: 1 }, [40, 50], { ok: true, asOf: at(45), current: true })
    })
    const expired = broken(story => {
      const holder = story.exclusive('ana', L, 1, [0, 10], { ttl: 1 })
      const answer = { ok: true, asOf: at(2_005), current: true, holder }
      story.call('bo', 'verify', { label: L, token: 1 }, [2_000, 2_010], answer)
    })
    for (const found of [lost, released, expired]) expect(found).toContain('verify-is-true')
  })

  it('verify-is-true allows a sibling’s claim with the same token to continue after the lease ends', () => {
    const found = (siblings: boolean) =>
      broken(story => {
        const holder = story.exclusive('ana', L, 1, [0, 10], { verb: 'acquire' })
        if (siblings) story.exclusive('ana', L, 1, [12, 15])
        story.call('ana', 'lease-release', { label: L, token: 1 }, [20, 30], { ok: true })
        const answer = { ok: true, asOf: at(45), current: true, holder }
        story.call('bo', 'verify', { label: L, token: 1 }, [40, 50], answer)
      })
    expect(found(true)).not.toContain('verify-is-true')
    expect(found(false)).toContain('verify-is-true')
  })

  const wait = (
    story: Story,
    by: string,
    from: number,
    looks: readonly number[],
    until: number,
    token?: number,
  ) => {
    const id = `${by}-wait`
    const claim = {
      label: L,
      session: by,
      purpose: id,
      claimedAt: at(until - 5),
      expiresAt: at(until + 60_000),
      ttlSeconds: 60,
    }
    const granted = {
      ok: true,
      asOf: at(until - 3),
      isNew: true,
      others: [],
      claim: { ...claim, token: token ?? 0 },
    }
    const refused = { ok: false, code: 'held', waiting: 1, asOf: at(from + 1) }
    story.call(by, 'wait', { label: L, waitMs: 10_000 }, [from, until], token ? granted : refused, id)
    for (const look of looks) story.add({ type: 'waiting', call: id, at: look, ahead: 1, fault: false })
  }
  rule(
    'first-come-first-served',
    story => {
      wait(story, 'ana', 0, [10, 1_000, 2_000, 3_000], 3_500)
      wait(story, 'bo', 20, [30, 1_000, 2_000], 2_500, 1)
    },
    story => {
      // The first waiter didn't look at the board for so long that it lost its place.
      wait(story, 'ana', 0, [10, 8_000], 9_000)
      wait(story, 'bo', 20, [30, 1_000, 2_000], 7_500, 1)
    },
  )
})
