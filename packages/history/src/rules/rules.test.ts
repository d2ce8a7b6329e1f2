import { describe, expect, it } from 'vitest'
import type { Answer } from '../format.ts'
import { judge, type Line } from '../judge.ts'
import { at, Story } from '../story.ts'

/** Builds a history and returns the rules that it breaks. */
function broken(tell: (story: Story) => void): readonly string[] {
  const story = new Story()
  tell(story)
  return [...new Set(judge(story.lines).findings.map(({ rule }) => rule))]
}

/** Tests a rule with a history that breaks it, and with one that nearly does. */
function rule(name: string, bad: (story: Story) => void, near: (story: Story) => void): void {
  it(`${name} reports a history that breaks it, and nothing in one that nearly does`, () => {
    expect(broken(bad)).toContain(name)
    expect(broken(near)).toEqual([])
  })
}

const L = 'node:a'

describe('the rules of G1', () => {
  rule(
    'mutual-blindness',
    story => {
      story.claim('ana', L, [0, 10])
      story.claim('bo', L, [5, 15])
    },
    story => {
      const ana = story.claim('ana', L, [0, 10])
      story.claim('bo', L, [5, 15], { others: [ana] })
      // One is released at the same time, so neither answer has to name the other.
      story.claim('cy', 'node:b', [0, 10])
      story.claim('di', 'node:b', [5, 15])
      story.call('cy', 'release', { label: 'node:b' }, [11, 14])
    },
  )

  rule(
    'co-claims-told',
    story => {
      const ana = story.claim('ana', L, [0, 10])
      story.claim('bo', L, [20, 30], { others: [ana] })
      story.call('ana', 'list', { mine: true }, [40, 50], {
        ok: true,
        asOf: at(45),
        claims: [ana],
        coClaims: [],
      })
    },
    story => {
      const ana = story.claim('ana', L, [0, 10])
      const bo = story.claim('bo', L, [20, 30], { others: [ana], ttl: 1 })
      const coClaims = [{ label: L, others: [bo] }]
      story.call('ana', 'list', { mine: true }, [40, 50], { ok: true, asOf: at(45), claims: [ana], coClaims })
      story.call('ana', 'list', { mine: true }, [1_040, 1_050], {
        ok: true,
        asOf: at(1_045),
        claims: [ana],
        coClaims: [],
      })
    },
  )
})

describe('the rules of G2', () => {
  rule(
    'acknowledged-stays',
    story => {
      story.claim('ana', L, [0, 10])
      // A refused call of a sibling does not end the claim.
      story.call('ana/2', 'claimExclusively', { label: L }, [12, 18], { ok: false, code: 'held', waiting: 1 })
      story.call('bo', 'peek', { label: L }, [20, 30], { ok: true, asOf: at(25), claims: [] })
    },
    story => {
      story.claim('ana', L, [0, 10])
      story.call('ana/2', 'release', {}, [12, 18], undefined)
      story.call('bo', 'peek', { label: L }, [20, 30], { ok: true, asOf: at(25), claims: [] })
      story.claim('cy', 'node:b', [0, 10], { ttl: 1 })
      story.call('bo', 'list', {}, [1_010, 1_020], { ok: true, asOf: at(1_010), claims: [] })
    },
  )

  it('acknowledged-stays reports an exclusive claim that turned into a shared one', () => {
    expect(
      broken(story => {
        const { token, ...shared } = story.exclusive('ana', L, 3, [0, 10])
        story.call('bo', 'peek', { label: L }, [20, 30], { ok: true, asOf: at(25), claims: [shared] })
      }),
    ).toContain('acknowledged-stays')
  })

  it('acknowledged-stays reports a claim that ended with a sibling’s lease, and allows a lease to end its own claim', () => {
    const found = (verb: string, ending: string, token: number) =>
      broken(story => {
        story.exclusive('ana', L, 1, [0, 10], { verb: 'acquire' })
        story.exclusive('ana', L, 1, [12, 15], { verb })
        story.call(ending, 'lease-release', { label: L, token }, [20, 30], { ok: true })
        story.call('bo', 'peek', { label: L }, [40, 50], { ok: true, asOf: at(45), claims: [] })
      })
    expect(found('claimExclusively', 'ana', 1)).toContain('acknowledged-stays')
    expect(found('wait', 'ana/2', 1)).toContain('acknowledged-stays')
    expect(found('acquire', 'ana/2', 1)).toContain('acknowledged-stays')
    expect(found('acquire', 'ana', 2)).toContain('acknowledged-stays')
    expect(found('acquire', 'ana', 1)).not.toContain('acknowledged-stays')
    expect(found('claim', 'ana', 1)).not.toContain('acknowledged-stays')
  })

  it('acknowledged-stays reports an exclusive claim that is gone after a refused steal, unless the steal took effect and was lost since', () => {
    const found = (refusal: Omit<Answer, 'ok'>, release?: readonly [number, number]) =>
      broken(story => {
        story.exclusive('ana', L, 1, [0, 10])
        story.call('bo', 'steal', { label: L }, [20, 30], { ok: false, ...refusal })
        if (release) story.call('bo/2', 'release', { label: L }, release)
        story.call('cy', 'peek', { label: L }, [40, 50], { ok: true, asOf: at(45), claims: [] })
      })
    expect(found({ code: 'not_held' })).toContain('acknowledged-stays')
    expect(found({ code: 'not_held' }, [32, 35])).toContain('acknowledged-stays')
    expect(found({ code: 'not_held' }, [22, 25])).not.toContain('acknowledged-stays')
    expect(found({ code: 'held', waiting: 1 })).not.toContain('acknowledged-stays')
  })

  rule(
    'released-is-gone',
    story => {
      const ana = story.claim('ana', L, [0, 10])
      story.call('ana', 'release', { label: L }, [20, 30])
      story.call('bo', 'peek', { label: L }, [40, 50], { ok: true, asOf: at(45), claims: [ana] })
    },
    story => {
      const ana = story.claim('ana', L, [0, 10])
      // The read began before the release had ended.
      story.call('ana', 'release', { label: L }, [20, 30])
      story.call('bo', 'peek', { label: L }, [29, 50], { ok: true, asOf: at(45), claims: [ana] })
    },
  )

  it('released-is-gone reports a refused claim that stays, and a claim without a call that made it', () => {
    const left = broken(story => {
      const id = story.call('ana', 'claim', { label: L }, [0, 10], { ok: false, code: 'held', waiting: 1 })
      const claim = {
        label: L,
        session: 'ana',
        purpose: id,
        claimedAt: at(5),
        expiresAt: at(9_000),
        ttlSeconds: 9,
      }
      story.call('bo', 'peek', { label: L }, [20, 30], { ok: true, asOf: at(25), claims: [claim] })
    })
    const made = broken(story => {
      const claim = {
        label: L,
        session: 'ana',
        purpose: 'x',
        claimedAt: at(5),
        expiresAt: at(9_000),
        ttlSeconds: 9,
      }
      story.call('bo', 'peek', { label: L }, [20, 30], { ok: true, asOf: at(25), claims: [claim] })
    })
    expect([left, made]).toEqual([['released-is-gone'], ['released-is-gone']])
  })

  it('released-is-gone allows a refused claim to be seen while a sibling’s call on the same row is running', () => {
    expect(
      broken(story => {
        const refused = { ok: false, code: 'held', waiting: 1 }
        const id = story.call('ana', 'claim', { label: L }, [0, 10], refused)
        story.call('ana/2', 'claim', { label: L }, [2, 25], refused)
        const claim = {
          label: L,
          session: 'ana',
          purpose: id,
          claimedAt: at(5),
          expiresAt: at(9_000),
          ttlSeconds: 9,
        }
        story.call('bo', 'peek', { label: L }, [20, 30], { ok: true, asOf: at(25), claims: [claim] })
      }),
    ).toEqual([])
  })

  it('released-is-gone allows a claim of unknown outcome to appear late', () => {
    expect(
      broken(story => {
        const id = story.call('ana', 'claim', { label: L }, [0, 10], { code: 'unreachable' })
        story.call('ana', 'release', { label: L }, [20, 30])
        const claim = {
          label: L,
          session: 'ana',
          purpose: id,
          claimedAt: at(35),
          expiresAt: at(9_000),
          ttlSeconds: 9,
        }
        story.call('bo', 'peek', { label: L }, [40, 50], { ok: true, asOf: at(45), claims: [claim] })
      }),
    ).toEqual([])
  })

  const message = (subject: string) => ({
    id: `id ${subject}`,
    from: 'ana',
    to: 'bo',
    subject,
    sentAt: at(5),
    unread: true,
  })
  rule(
    'message-arrives-once',
    story => {
      story.call('ana', 'send', { to: 'bo' }, [0, 10])
      story.call('bo', 'inbox', {}, [20, 30], { ok: true, messages: [] })
    },
    story => {
      const id = story.call('ana', 'send', { to: 'bo' }, [0, 10])
      story.call('bo', 'inbox', {}, [9, 30], { ok: true, messages: [] })
      story.call('bo', 'inbox', {}, [40, 50], { ok: true, messages: [message(id)] })
      // This is one page of several, so the message may be on the next.
      story.call('bo', 'inbox', {}, [60, 70], { ok: true, messages: [], more: true })
    },
  )

  it('message-arrives-once reports a message that arrived twice, at another session, or is unread again', () => {
    const twice = broken(story => {
      const id = story.call('ana', 'send', { to: 'bo' }, [0, 10])
      story.call('bo', 'inbox', {}, [20, 30], {
        ok: true,
        messages: [message(id), { ...message(id), id: 'y' }],
      })
    })
    const astray = broken(story => {
      const id = story.call('ana', 'send', { to: 'bo' }, [0, 10], { code: 'unreachable' })
      story.call('cy', 'inbox', {}, [20, 30], { ok: true, messages: [message(id)] })
    })
    const unread = broken(story => {
      const id = story.call('ana', 'send', { to: 'bo' }, [0, 10])
      story.call('bo', 'read', { ids: [`id ${id}`] }, [20, 30])
      story.call('bo', 'inbox', {}, [40, 50], { ok: true, messages: [message(id)] })
    })
    const never = broken(story => {
      const id = story.call('ana', 'send', { to: 'bo' }, [0, 10])
      story.call('bo', 'inbox', {}, [40, 50], {
        ok: true,
        messages: [{ ...message(id), readAt: at(30), unread: false }],
      })
    })
    for (const found of [twice, astray, unread, never]) expect(found).toEqual(['message-arrives-once'])
  })
})

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

describe('a call whose answer was cut, and that was sent again', () => {
  rule(
    'made-once',
    story => {
      const ana = story.exclusive('ana', L, 1, [0, 10])
      const own = { ...ana, session: 'bo', purpose: 'steal-1', token: 2 }
      story.call(
        'bo',
        'steal',
        { label: L },
        [20, 30],
        { ok: false, code: 'not_held', holders: [own] },
        'steal-1',
      )
    },
    story => {
      const ana = story.exclusive('ana', L, 1, [0, 10])
      story.call('bo', 'steal', { label: L }, [20, 30], { ok: false, code: 'held', holders: [ana] })
      story.call('bo', 'resolve', { label: L }, [40, 50], { ok: true, asOf: at(45), resolved: [] })
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
