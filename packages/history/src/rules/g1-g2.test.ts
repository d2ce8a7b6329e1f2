import { describe, expect, it } from 'vitest'
import type { Answer } from '../format.ts'
import { at } from '../story.ts'
import { broken, L, rule } from './rule-test.ts'

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

  it('acknowledged-stays reports an exclusive claim that is gone after a refused steal, unless the steal may have succeeded before its refusal', () => {
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
